"""The draft of the decision as a form: a line for each eligible application."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from crispy_forms.layout import HTML, LayoutObject
from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.forms.models import model_to_dict
from django.utils.translation import gettext as _, gettext_lazy

from projects.assessment.arithmetic import rounded
from projects.assessment.ranking import ranked_list
from projects.decisions.draft import DraftLine, DraftRow, load_draft
from projects.models import Call, Outcome
from psf.database.constraints import GREATEST_COUNT
from psf.staff.forms import PlainTextForm, StaffForm
from psf.staff.merging import format_field_value
from psf.staff.widgets import AmountField, NumberField
from psf.text.numbers import HOW_TO_WRITE


def assessment_results(call: Call, user: User) -> dict[int, Decimal]:
    """The results that the account may read, in per cent by project, the best first."""
    rows = ranked_list(call, user).rows
    return {row.project.pk: rounded(row.result) for row in rows if row.result is not None}


class LineForm(PlainTextForm):
    """The proposal for one application."""

    outcome = forms.ChoiceField(
        label=gettext_lazy("Outcome"),
        choices=[("", gettext_lazy("open")), *Outcome.choices],
        required=False,
    )
    award_eur = AmountField(label=gettext_lazy("Award (EUR)"), required=False)
    reserve_place = NumberField(
        label=gettext_lazy("Place on the reserve list"),
        min_value=1,
        max_value=GREATEST_COUNT,
        required=False,
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason for the applicant"), max_length=1000, required=False
    )

    def __init__(self, data: Mapping[str, Any] | None, row: DraftRow) -> None:
        initial = model_to_dict(row.line, list(self.base_fields)) if row.line else {}
        super().__init__(data, prefix=str(row.project.pk), initial=initial)
        self.fields["award_eur"].help_text = ""  # above the table, once for all lines
        self.row = row
        for field in self.fields.values():
            field.label = f"{row.project.reference}: {field.label}"

    def stored_words(self) -> str:
        stored = [(self.fields[name], value) for name, value in self.initial.items() if value]
        return ", ".join(format_field_value(field, value) for field, value in stored)

    def as_line(self) -> DraftLine:
        return DraftLine(self.row.project, **self.cleaned_data)


class DraftForm(StaffForm):
    """The draft of the decision: a line for each eligible application."""

    how_to_write_amounts = HOW_TO_WRITE

    def __init__(self, *sent: Any, call: Call, user: User) -> None:
        super().__init__(*sent)
        self.results = assessment_results(call, user)
        self.draft = load_draft(call, self.results)
        data = self.data if self.is_bound else None
        self.lines = [LineForm(data, row) for row in self.draft.rows]

    def layout(self) -> list[str | LayoutObject]:
        return [HTML('{% include "admin/projects/decisions/_lines.html" %}')]

    def clean(self) -> dict[str, Any]:
        errors = [line.errors for line in self.lines]
        if any(errors):
            raise ValidationError(_("Nothing was saved: correct the fields that are marked below."))
        return super().clean() or {}

    def differences(self) -> list[str]:
        """Sentences about stored lines unlike the typed ones; a stored line fills an empty one."""
        typed = [line for line in self.lines if any(line.cleaned_data.values())]
        self.lines = [line if line in typed else LineForm(None, line.row) for line in self.lines]
        sentence = _("%(project)s is saved as: %(line)s. When you save, your line replaces it.")
        return [
            sentence % {"project": line.row.project.reference, "line": line.stored_words()}
            for line in typed
            if line.row.line and line.has_changed()
        ]
