"""The access of an account: invitation, one-time password, sessions and second factors."""

import logging
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, cast

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy

from psf.accounts.passwords import can_invite, give_one_time_password, link_mail
from psf.accounts.second_factor import remove_second_factors, second_factors
from psf.accounts.sessions import end_some, open_sessions
from psf.audit.models import Kind
from psf.audit.recording import record_event
from psf.staff.action_forms import ActionForm, StaffForm
from psf.staff.pages import ActionPage, RecordPage
from psf.text.dates import describe_moment

logger = logging.getLogger(__name__)


def invite(account: User) -> str:
    """Send an invitation. Raises ValidationError if the mail server does not take the mail."""
    try:
        link_mail(account, "invitation").send()
    except (OSError, ValueError) as error:
        # The message of the error may contain the address, so the log holds only the type.
        logger.warning("An invitation was not sent: %s", type(error).__name__)
        raise ValidationError(
            _(
                "The mail server refused the invitation to %(address)s. Check the address, or "
                "try again later with “Send an invitation”."
            )
            % {"address": account.email}
        ) from None
    return _("An invitation was sent to %(address)s.") % {"address": account.email}


class AccountPage(RecordPage[User]):
    """A page about the account of somebody else, for those who may change the account."""

    permission = "change"

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
    breadcrumb = gettext_lazy("One-time password")
    heading = gettext_lazy("One-time password for %(record)s")
    template_name = "admin/auth/user/one_time_password.html"

    def context(self) -> Mapping[str, object]:
        form = PasswordForm()
        form.cancel_url = self.url_of("change")
        return {"form": form}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.admin.log_change(request, self.record, _("A one-time password was given."))
        return self.give_password()

    def give_password(self) -> HttpResponseBase:
        # Shown in the response only: a message would store the password in the session.
        with transaction.atomic():
            answer = self.render(password=give_one_time_password(self.record))
        note = f"one-time password given to account {self.record.pk}"
        record_event(Kind.ACCOUNT, self.request.user, note, self.request)
        return answer


class InvitationForm(ActionForm):
    button = gettext_lazy("Send an invitation")

    def execute(self) -> str:
        if not can_invite(self.record):
            raise ValidationError(
                _("No e-mail address is recorded, or this site has no mail server.")
            )
        return invite(self.record)


class ChoiceForm(ActionForm):
    """An action on some of the rows of an account; all are chosen at first."""

    label: ClassVar[str | Promise]
    chosen = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = self.choices()
        field = cast(forms.MultipleChoiceField, self.fields["chosen"])
        field.choices, field.label = choices, str(self.label)
        field.initial = [key for key, _label in choices]

    @abstractmethod
    def choices(self) -> list[tuple[str, str]]:
        """Key and label of each row."""


class EndSessionsForm(ChoiceForm):
    button = gettext_lazy("End these sessions")
    label = gettext_lazy("Sessions")

    def choices(self) -> list[tuple[str, str]]:
        words = _("Signed in %(start)s, last use %(use)s")
        return [
            (
                row.handle,
                words
                % {"start": describe_moment(row.started_at), "use": describe_moment(row.used_at)},
            )
            for row in open_sessions(self.record.pk)
        ]

    def execute(self) -> str:
        chosen = self.cleaned_data["chosen"]
        end_some(row for row in open_sessions(self.record.pk) if row.handle in chosen)
        note = f"{len(chosen)} sessions of account {self.record.pk} ended"
        record_event(Kind.ACCOUNT, self.user, note)
        return _("The chosen sessions of the account have ended.")


class RemoveFactorsForm(ChoiceForm):
    button = gettext_lazy("Remove these second factors")
    label = gettext_lazy("Second factors")

    def choices(self) -> list[tuple[str, str]]:
        sentence = _("%(factor)s, added %(day)s")
        return [
            (str(row.pk), sentence % {"factor": row, "day": describe_moment(row.created_at)})
            for row in second_factors(self.record)
        ]

    def execute(self) -> str:
        factors = second_factors(self.record).filter(pk__in=self.cleaned_data["chosen"])
        number = remove_second_factors(self.record, factors)
        note = f"{number} second factors of account {self.record.pk} removed"
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
    label = gettext_lazy("End sessions…")
    form_class = EndSessionsForm

    def is_offered(self) -> bool:
        return super().is_offered() and bool(open_sessions(self.record.pk))


class RemoveFactorsPage(AccountPage, ActionPage):
    """For somebody who lost a telephone or a key."""

    name = "remove_factors"
    label = gettext_lazy("Remove the second factors…")
    form_class = RemoveFactorsForm

    def is_offered(self) -> bool:
        return super().is_offered() and second_factors(self.record).exists()
