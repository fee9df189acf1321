"""The access of an account: invitation, one-time password, sessions and second factors."""

from collections.abc import Mapping
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from psf.accounts.password_links import can_invite, link_mail
from psf.accounts.passwords import give_one_time_password
from psf.accounts.second_factor import remove_second_factors
from psf.accounts.session_end import end_sessions
from psf.audit.models import Kind
from psf.audit.recording import record_event
from psf.staff.action_forms import ActionForm, StaffForm
from psf.staff.pages import ActionPage, RecordPage


def invited(account: User) -> str:
    return _("An invitation was sent to %(address)s.") % {"address": account.email}


class AccountPage(RecordPage):
    """A page about the account of somebody else, for those who may change the account."""

    record: User

    def is_allowed(self) -> bool:
        return self.admin.has_change_permission(self.request)

    def is_offered(self) -> bool:
        is_own = self.record == self.request.user
        return not is_own and self.admin.has_change_permission(self.request, self.record)

    def load(self) -> None:
        super().load()
        if not self.admin.has_change_permission(self.request, self.record):
            raise PermissionDenied
        if self.record == self.request.user:
            raise Http404


class PasswordForm(StaffForm):
    button = gettext_lazy("Give a one-time password")


class OneTimePasswordPage(AccountPage):
    """Give the account a random one-time password, and show the password once."""

    name = "password_change"
    route = "password/"
    label = gettext_lazy("Give a one-time password…")
    template_name = "admin/auth/user/one_time_password.html"

    def crumb(self) -> str:
        return _("One-time password")

    def title(self) -> str:
        return _("One-time password for %(account)s") % {"account": self.record}

    def context(self) -> Mapping[str, object]:
        form = PasswordForm()
        form.cancel_url = self.url_of("change")
        return {"form": form}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.admin.log_change(request, self.record, _("Given a one-time password."))
        return self.give_password()

    def give_password(self) -> HttpResponseBase:
        # Shown in the response only: a message would store the password in the session.
        with transaction.atomic():
            return self.render(password=give_one_time_password(self.record))


class InvitationForm(ActionForm):
    button = gettext_lazy("Send an invitation")

    def execute(self) -> str:
        if not can_invite(self.record):
            raise ValidationError(_("The account has no address, or this site no mail server."))
        link_mail(self.record, "invitation").send()
        return invited(self.record)


class EndSessionsForm(ActionForm):
    button = gettext_lazy("End all sessions")

    def execute(self) -> str:
        end_sessions([self.record.pk])
        record_event(Kind.ACCOUNT, self.user, f"sessions of account {self.record.pk} ended")
        return _("All sessions of the account have ended.")


class RemoveFactorsForm(ActionForm):
    button = gettext_lazy("Remove the second factors")

    def execute(self) -> str:
        remove_second_factors(self.record)
        note = f"second factors of account {self.record.pk} removed"
        record_event(Kind.ACCOUNT, self.user, note)
        return _("The second factors are removed. All sessions of the account have ended.")


class InvitationPage(AccountPage, ActionPage):
    """Send a mail with a link for choosing a password."""

    name = "invite"
    label = gettext_lazy("Send an invitation…")
    form_class = InvitationForm

    def is_offered(self) -> bool:
        return super().is_offered() and can_invite(self.record)


class EndSessionsPage(AccountPage, ActionPage):
    name = "end_sessions"
    label = gettext_lazy("End all sessions…")
    form_class = EndSessionsForm


class RemoveFactorsPage(AccountPage, ActionPage):
    """For somebody who lost a telephone or a key."""

    name = "remove_factors"
    label = gettext_lazy("Remove the second factors…")
    form_class = RemoveFactorsForm

    def is_offered(self) -> bool:
        factors = Authenticator.objects.filter(user=self.record)
        return super().is_offered() and factors.exists()
