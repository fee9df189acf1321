"""The staff's forms of calls and projects: rules over more than one record, in words."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from projects.models import Call, ProjectStatus
from projects.models.choices import TRANSITIONS
from projects.refusals import refusal_of_amount, refusal_of_ceiling, refusal_of_status
from psf.keeping import RecordForm


class CallForm(RecordForm):
    def clean_ceiling_eur(self) -> Any:
        ceiling = self.cleaned_data["ceiling_eur"]
        if reason := refusal_of_ceiling(self.instance, ceiling):
            raise ValidationError(reason)
        return ceiling


class ProjectForm(RecordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "status" in self.fields:
            # Only what is offered; what is sent is judged, in words, by clean_status().
            offered = [self.instance.status, *TRANSITIONS[self.instance.status]]
            choices = [(value, ProjectStatus(value).label) for value in offered]
            self.fields["status"].widget.choices = choices

    def clean_status(self) -> str:
        status, before = self.cleaned_data["status"], self.instance.status
        if not self.instance.pk or status == before:
            return status
        if reason := refusal_of_status(before, status, bool(self.instance.published_at)):
            raise ValidationError(reason)
        return status

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        call = data.get("call")
        if call:
            self._check_ceiling(call, data.get("amount_eur", self.instance.amount_eur))
            self._check_publication(call)
        return data

    def _check_ceiling(self, call: Call, amount: Any) -> None:
        # Who may not decide does not see the amount, but may move the project to another call.
        if reason := refusal_of_amount(call, amount):
            self.add_error("amount_eur" if "amount_eur" in self.fields else "call", reason)

    def _check_publication(self, call: Call) -> None:
        at = self.instance.published_at
        if at and not self.instance.unpublished_at and not call.is_public(at):
            self.add_error(
                "call",
                _("This project is public and “%(call)s” is not: publish the call first.")
                % {"call": call},
            )
