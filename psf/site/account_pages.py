"""The pages of an account: sign-in, second factor, forgotten password, and its own sessions."""

import logging
from collections.abc import Callable
from threading import Thread
from typing import Any, cast

from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite, site as admin_site
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import logout
from django.contrib.auth.forms import PasswordResetForm
from django.contrib.auth.models import User
from django.contrib.auth.views import LoginView, PasswordResetView, redirect_to_login
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _, gettext_lazy

from psf.accounts import sign_in
from psf.accounts.passwords import is_one_time_password_expired, link_mail
from psf.accounts.second_factor import is_second_factor_missing, second_factors
from psf.accounts.sessions import end_other_sessions, open_sessions
from psf.audit.models import Kind
from psf.audit.recording import record_event, record_limit
from psf.http.requests import client_network
from psf.text.mails import can_mail

logger = logging.getLogger(__name__)
STAFF_PAGES, ACCOUNT_PAGES = "/admin/", "/admin/account/"
TOO_MANY, BUSY, EXPIRED = "too_many_attempts", "busy", "one_time_password_expired"


class SignInForm(AdminAuthenticationForm):
    """Django's form, which limits the attempts and refuses expired one-time passwords."""

    error_messages = {
        **AdminAuthenticationForm.error_messages,
        TOO_MANY: gettext_lazy(
            "Too many attempts to sign in. Wait %(minutes)d minutes and try again."
        ),
        BUSY: gettext_lazy(
            "Somebody else is signing in at this moment. Try again in a few seconds."
        ),
        EXPIRED: gettext_lazy(
            "This one-time password has expired. Ask an administrator for a new one."
        ),
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
        arguments = {"password": user.get_session_auth_hash()}
        address = self.get_success_url()
        answer = perform_login(self.request, user, redirect_url=address, signal_kwargs=arguments)
        return cast(HttpResponse, answer)

    def form_invalid(self, form: Any) -> HttpResponse:
        response = super().form_invalid(form)
        if form.retry_after:
            record_limit(self.request, form.cleaned_data["username"])
            response.status_code = 429
            response.headers["Retry-After"] = str(form.retry_after)
        return response


class ForgottenPasswordForm(PasswordResetForm):
    """Writes and sends the mail in a thread: the time of the answer tells nothing of accounts."""

    def send_mail(self, *args: Any, **kwargs: Any) -> None:
        _subject, _body, context, *_addresses = args
        Thread(target=deliver, args=[context["user"]]).start()


class ForgottenPassword(PasswordResetView):
    """Answers every address in the same way, also beyond the limit of mails.

    Without a mail server no link is made; the page says whom to ask.
    """

    form_class = ForgottenPasswordForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if can_mail():
            return super().dispatch(request, *args, **kwargs)
        context = {"title": _("Forgotten password"), "address": settings.DEFAULT_FROM_EMAIL}
        return TemplateResponse(request, "admin/no_password_mail.html", context)

    def form_valid(self, form: Any) -> HttpResponse:
        texts = [f"mail to {form.cleaned_data['email'].lower()}"]
        texts.append(f"mail for {client_network(self.request)}")
        try:
            sign_in.count_attempt(texts, sign_in.MAX_MAILS)
        except sign_in.SignInRefused:
            return HttpResponseRedirect(self.get_success_url())
        return super().form_valid(form)


def deliver(account: User) -> None:
    try:
        link_mail(account, "forgotten_password").send()
    except OSError as error:
        # The message of the error may contain the address.
        logger.error("The mail for a new password was not sent: %s", type(error).__name__)


def sessions_page(site: AdminSite, request: HttpRequest) -> HttpResponse:
    """The open sessions of this account. A POST ends all but this one."""
    sessions = open_sessions(request.user.pk)
    if request.method == "POST":
        end_other_sessions(request)
        note = f"{len(sessions) - 1} own sessions ended"
        record_event(Kind.ACCOUNT, request.user, note, request)
        messages.success(request, _("All other sessions have ended."))
        return redirect("admin:sessions")
    context = {
        **site.each_context(request),
        "title": _("Your sessions"),
        "sessions": sessions,
        "current": request.session.session_key,
    }
    request.current_app = site.name
    return TemplateResponse(request, "admin/sessions.html", context)


class StaffFrame:
    """Middleware: the pages of allauth and of Django get the frame of staff pages.

    A session without the second factor of its account opens no staff page.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *args: Any) -> HttpResponse | None:
        """End a session that has not passed the second factor which its account has."""
        if (
            request.path_info.startswith(STAFF_PAGES)
            and is_second_factor_missing(request)
            and second_factors(request.user).exists()
        ):
            logout(request)
            return redirect_to_login(request.get_full_path())
        return None

    def process_template_response(
        self, request: HttpRequest, response: TemplateResponse
    ) -> TemplateResponse:
        if request.path_info.startswith(ACCOUNT_PAGES):
            context = {
                name: list(value) if isinstance(value, QuerySet) else value
                for name, value in (response.context_data or {}).items()
            }
            response.context_data = {
                **admin_site.each_context(request),
                "needs_second_factor": is_second_factor_missing(request),
                **context,
            }
        return response
