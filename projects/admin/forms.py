"""The staff forms of calls and projects, with rules over several records."""

from collections.abc import Callable
from copy import copy
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from projects.eligibility.award_limits import (
    amount_error,
    awarded_total,
    budget_error,
    ceiling_error,
    constraint_error,
    two_people_error,
)
from projects.models import AmountKind, Call, Project
from projects.models.calls import time_zones
from projects.models.choices import APPLICANT_KINDS, AWARDS
from projects.pages.project_detail import project_context
from projects.pages.views import call_context
from projects.post_award.payment_limits import account_of, amount_errors
from projects.publication.publish import call_error
from projects.stages import CallStage
from projects.workflow.status_changes import move_error
from psf.staff.forms import RecordForm
from psf.staff.pages import PreviewPage
from psf.staff.widgets import KnownMomentField


class KindsField(forms.MultipleChoiceField):
    """Kinds of organisations, stored as codes separated by spaces."""

    widget = forms.CheckboxSelectMultiple

    def prepare_value(self, value: object) -> Any:
        return value.split() if isinstance(value, str) else value

    def clean(self, value: object) -> Any:
        return " ".join(super().clean(value))

    def has_changed(self, initial: object, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)


class CallForm(RecordForm):
    """The opening and the closing are typed and shown in the time zone that the form names."""

    applicant_kinds = KindsField(
        label=Call._meta.get_field("applicant_kinds").verbose_name,
        help_text=Call._meta.get_field("applicant_kinds").help_text,
        choices=[(kind, capfirst(label)) for kind, label in APPLICANT_KINDS.items()],
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        in_form = "time_zone" in self.fields
        name = self["time_zone"].value() if in_form else self.instance.time_zone
        zone = ZoneInfo(name) if name in time_zones() else None
        for field in self.fields.values():
            if isinstance(field, KnownMomentField):
                field.zone = zone

    def clean_title(self) -> str:
        if self.namesake("title"):
            raise ValidationError(
                _("Another call has this title already. Open that call, or enter another title.")
            )
        return str(self.cleaned_data["title"])

    def clean(self) -> dict[str, Any]:
        data, call = super().clean() or {}, self.instance
        awarded = awarded_total(call) if call.pk else Decimal()
        rules: dict[str, Callable[[Any], str]] = {
            "ceiling_eur": lambda ceiling: ceiling_error(call, ceiling),
            "budget_eur": lambda budget: budget_error(call, awarded, budget),
            "decided_by_two": lambda by_two: two_people_error(call, by_two) if call.pk else "",
        }
        for name, rule in rules.items():
            if name in data and (error := rule(data[name])):
                self.add_error(name, error)
        return data


class ProjectForm(RecordForm):
    def clean_reference(self) -> str:
        """Capitals do not matter: an import finds a project by its reference."""
        if namesake := self.namesake("reference"):
            words = _("The project “%(project)s” has the reference %(reference)s already.")
            raise ValidationError(words % {"project": namesake, "reference": namesake.reference})
        return str(self.cleaned_data["reference"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if call := data.get("call"):
            is_moved = self.instance.pk and "call" in self.changed_data
            move = move_error(self.instance) if is_moved else ""
            for error in filter(None, [move, call_error(self.instance, call)]):
                self.add_error("call", error)
            amount = data.get("amount_eur", self.instance.amount_eur)
            # Accounts that may not decide see no amount, but may move the project to another call.
            field = "amount_eur" if "amount_eur" in self.fields else "call"
            errors = [amount_error(call, amount), self._award_error(call, amount, data)]
            for error in filter(None, [*errors, *self._agreement_errors(data)]):
                self.add_error(field, error)
        return data

    def _agreement_errors(self, data: dict[str, Any]) -> list[str]:
        """A new amount must fit the agreement. An amount from before this rule may stay."""
        names = {"amount_eur", "amount_kind"}
        if not self.instance.pk or not names & {*self.changed_data} or not names <= data.keys():
            return []
        project = copy(self.instance)
        project.amount_eur, project.amount_kind = data["amount_eur"], data["amount_kind"]
        account = account_of(project)
        is_open = account.has_agreement and not account.is_closed
        if is_open and project.amount_kind == AmountKind.FINAL:
            return [_("Close the account instead (Agreement and payments): it sets this amount.")]
        return amount_errors(project)

    def _award_error(self, call: Call, amount: Decimal | None, data: dict[str, Any]) -> str:
        """Django skips the constraint of the database, because the status is not in the form."""
        kind = data.get("amount_kind", self.instance.amount_kind)
        values = {"amount_kind": kind, "status": data.get("status", self.instance.status)}
        error = constraint_error("project_award_is_of_a_funded_project", values)
        if error or kind not in AWARDS or amount is None:
            return error
        awarded = awarded_total(call, apart_from=self.instance) + amount
        return budget_error(call, awarded, call.budget_eur)


class CallPreview(PreviewPage):
    stage = CallStage.PREPARE
    template_name = "projects/call_detail.html"

    def context(self) -> dict[str, Any]:
        return call_context(Call.objects.for_page().get(pk=self.record.pk))


class ProjectPreview(PreviewPage):
    template_name = "projects/project_detail.html"

    def context(self) -> dict[str, Any]:
        return project_context(Project.objects.for_page().get(pk=self.record.pk))
