"""The sign-in page: a password, then the second factor of the account, or a passkey alone."""

from typing import Any, cast

from allauth.account.utils import perform_login
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.views import LoginView
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from psf.accounts import sign_in
from psf.accounts.passwords import is_one_time_password_expired
from psf.audit.audited_events import record_limit
from psf.http.client_address import client_network

TOO_MANY, BUSY, EXPIRED = "too_many_attempts", "busy", "one_time_password_expired"


class SignInForm(AdminAuthenticationForm):
    """Django's form, which limits the attempts and refuses expired one-time passwords."""

    error_messages = {
        **AdminAuthenticationForm.error_messages,
        TOO_MANY: _("Too many attempts to sign in. Wait %(minutes)d minutes and try again."),
        BUSY: _("Somebody else is signing in at this moment. Try again in a few seconds."),
        EXPIRED: _("This one-time password has expired. Ask an administrator for a new one."),
    }
    retry_after = 0  # seconds

    def clean(self) -> dict[str, Any]:
        username = self.cleaned_data.get("username")
        if not username or not self.cleaned_data.get("password"):
            return super().clean()
        assert self.request is not None
        try:
            with sign_in.attempt(username, client_network(self.request)):
                return super().clean()
        except sign_in.SignInRefused as refusal:
            self.retry_after = refusal.retry_after
            code = BUSY if refusal.retry_after == sign_in.BUSY_SECONDS else TOO_MANY
            minutes = {"minutes": refusal.retry_after // 60}
            raise ValidationError(self.error_messages[code], code, minutes) from refusal

    def confirm_login_allowed(self, user: Any) -> None:
        super().confirm_login_allowed(user)
        if is_one_time_password_expired(user):
            raise ValidationError(self.error_messages[EXPIRED], EXPIRED)


class SignInView(LoginView):
    """Django's page. An account with a second factor goes on to the page that asks for it."""

    authentication_form = SignInForm
    template_name = "admin/login.html"

    def form_valid(self, form: Any) -> HttpResponse:
        user = form.get_user()
        # What `UnchangedAccount` compares at the end of the sign-in.
        seen = {"password": user.get_session_auth_hash()}
        address = self.get_success_url()
        answer = perform_login(self.request, user, redirect_url=address, signal_kwargs=seen)
        return cast(HttpResponse, answer)

    def form_invalid(self, form: Any) -> HttpResponse:
        response = super().form_invalid(form)
        if form.retry_after:
            record_limit(self.request, form.cleaned_data["username"])
            response.status_code = 429
            response.headers["Retry-After"] = str(form.retry_after)
        return response
