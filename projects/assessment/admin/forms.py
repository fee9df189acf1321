"""Forms of those who lead an assessment, and of assessors."""

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Div, Hidden, LayoutObject
from django import forms
from django.contrib.auth.models import User
from django.forms.boundfield import BoundWidget
from django.utils.html import format_html
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from projects.assessment.assignment import Progress, country_of
from projects.models import (
    Assessment,
    Criterion,
    Declaration,
    Project,
    Recommendation,
    Score,
)
from psf.staff.forms import Button, StaffForm
from psf.staff.widgets import LongTextField, NumberField, PercentField

RECOMMENDATIONS = [choice for choice in Recommendation.choices if choice[0] != "not_yet"]


class AssignForm(StaffForm):
    """Choose applications, and the accounts that assess them. The page sets the rows."""

    form_id = "assign_form"
    rows: list[Progress]
    workloads: list[Any]  # accounts with their numbers
    projects = forms.ModelMultipleChoiceField(
        Project.objects.none(),
        label=gettext_lazy("Applications"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose applications.")},
    )
    assessors = forms.ModelMultipleChoiceField(
        User.objects.none(),
        label=gettext_lazy("Assessors"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose assessors.")},
    )
    additional = forms.BooleanField(
        label=gettext_lazy("Assign one assessor more than needed, for a disputed application"),
        required=False,
    )

    other_countries = forms.BooleanField(
        label=gettext_lazy("Nobody from the country of the applicant"),
        help_text=gettext_lazy(
            "The country of an assessor is read from the end of the e-mail address, such as .lv."
        ),
        required=False,
        initial=True,
    )
    number_planned = 0  # of the assignments that the page shows
    planned = ""  # their applications and accounts

    def layout(self) -> list[str | LayoutObject]:
        table = HTML('{% include "admin/projects/assessment/_assign.html" %}')
        return [Hidden("planned", self.planned), "other_countries", "additional", table]

    def buttons(self) -> list[Button]:
        preview = Button(_("Preview the assignments"), "_preview", is_default=True)
        if not self.number_planned:
            return [preview]
        words = ngettext(
            "Save %(count)d assignment", "Save %(count)d assignments", self.number_planned
        )
        save = Button(words % {"count": self.number_planned}, "_assign", is_default=True)
        return [save, Button(_("Preview again"), "_preview")]

    def chosen(self) -> tuple[Any, Any, bool, bool]:
        """The applications, the accounts and the rule, as `plan()` takes them."""
        data = self.cleaned_data
        return data["projects"], data["assessors"], data["additional"], data["other_countries"]

    def show(self, planned: list[Assessment]) -> None:
        """Show these assignments in the rows of applications and accounts. None are refused."""
        if not planned:
            raise forms.ValidationError(
                _(
                    "Nobody can be assigned. The accounts are assigned already, have declared a "
                    "conflict of interest or are from the country of the applicant, or no "
                    "application needs more assessors."
                )
            )
        self.number_planned = len(planned)
        self.planned = " ".join(f"{row.project_id}-{row.assessor_id}" for row in planned)
        rows = {row.project.pk: row for row in self.rows}
        accounts = {account.pk: account for account in self.workloads}
        for assessment in planned:
            rows[assessment.project_id].proposed.append(assessment.assessor)
            accounts[assessment.assessor_id].proposed += 1

    def application_rows(self) -> list[tuple[Progress, BoundWidget | None]]:
        """Each application with its checkbox, None if it is not eligible."""
        boxes = {str(box.data["value"]): box for box in self["projects"]}
        is_open = {row.project.pk for row in self.rows if row.project.status == "eligible"}
        return [
            (row, boxes.get(str(row.project.pk)) if row.project.pk in is_open else None)
            for row in self.rows
        ]

    def account_rows(self) -> list[tuple[Any, str, BoundWidget | None]]:
        """Each account with its country and its checkbox, None if it cannot assess any more."""
        boxes = {str(box.data["value"]): box for box in self["assessors"]}
        return [(row, country_of(row), boxes.get(str(row.pk))) for row in self.workloads]


class ConsensusForm(StaffForm):
    agreed_percent = PercentField(
        label=gettext_lazy("Result agreed on (per cent)"),
        min_value=0,
        required=False,
        help_text=gettext_lazy("Leave empty to use the mean of the assessors."),
    )
    text = LongTextField(6, label=gettext_lazy("What was agreed"), max_length=5000, required=False)
    recommendation = forms.ChoiceField(
        label=gettext_lazy("Recommendation"),
        choices=[("", gettext_lazy("choose")), *RECOMMENDATIONS],
    )


class ReasonForm(StaffForm):
    reason = LongTextField(3, label=gettext_lazy("Reason (kept in the history)"), max_length=500)


class DeclarationForm(StaffForm):
    declaration = forms.ChoiceField(
        label=gettext_lazy("Your declaration"),
        choices=[
            (
                Declaration.NONE,
                gettext_lazy(
                    "I have no conflict of interest: neither I nor anyone close to me works for, "
                    "advises or competes with those who apply"
                ),
            ),
            (Declaration.CONFLICT, gettext_lazy("I have a conflict of interest")),
        ],
        widget=forms.RadioSelect,
    )
    conflict = LongTextField(
        3,
        label=gettext_lazy("Which conflict of interest"),
        max_length=500,
        required=False,
        help_text=gettext_lazy(
            "Only if you have one. The secretariat reads it, and asks somebody else to assess."
        ),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        has_conflict = data.get("declaration") == Declaration.CONFLICT
        if has_conflict and not data.get("conflict"):
            self.add_error("conflict", _("Describe the conflict of interest in a sentence."))
        if not has_conflict and data.get("conflict"):
            self.add_error("conflict", _("Choose that you have a conflict, or empty this field."))
        return data


class AssessmentForm(StaffForm):
    """Points and a comment for each criterion, and an overall comment. All can follow later."""

    comment = LongTextField(
        4, label=gettext_lazy("Overall comment"), max_length=5000, required=False
    )
    recommendation = forms.ChoiceField(
        label=gettext_lazy("Recommendation"),
        choices=RECOMMENDATIONS,
        widget=forms.RadioSelect,
        required=False,
    )

    def __init__(self, *sent: Any, assessment: Assessment) -> None:
        super().__init__(*sent)
        self.criteria = list(assessment.project.call.criteria.all())
        self.initial = {
            "comment": assessment.comment,
            "recommendation": assessment.recommendation,
        }
        scores = {score.criterion_id: score for score in assessment.scores.all()}
        for criterion in self.criteria:
            self._add(criterion, scores.get(criterion.pk))

    @staticmethod
    def _label(criterion: Criterion, words: str) -> str:
        """The criterion stands above its fields, so only screen readers need a label."""
        return format_html('<span class="visually-hidden">{}: {}</span>', criterion.name, words)

    def _add(self, criterion: Criterion, score: Score | None) -> None:
        self.fields[f"points-{criterion.pk}"] = NumberField(
            label=self._label(criterion, _("points")),
            min_value=0,
            max_value=criterion.maximum,
            required=False,
        )
        self.fields[f"comment-{criterion.pk}"] = LongTextField(
            2, label=self._label(criterion, _("comment")), max_length=2000, required=False
        )
        if score:
            self.initial[f"points-{criterion.pk}"] = score.points
            self.initial[f"comment-{criterion.pk}"] = score.comment

    def layout(self) -> list[str | LayoutObject]:
        name = "admin/projects/assessment/_criterion.html"
        heading = f'{{%% include "{name}" with criterion=form.criteria.%d only %%}}'
        return [
            *(
                Div(
                    HTML(heading % number),
                    f"points-{criterion.pk}",
                    f"comment-{criterion.pk}",
                    role="group",
                    aria_labelledby=f"criterion-{criterion.pk}",
                )
                for number, criterion in enumerate(self.criteria)
            ),
            "recommendation",
            "comment",
        ]

    def buttons(self) -> list[Button]:
        return [
            Button(_("Save"), "_save"),
            Button(_("Submit and open the next"), "_submit", is_default=True),
        ]

    @property
    def helper(self) -> FormHelper:
        helper = super().helper
        missing = '{% include "admin/projects/assessment/_missing.html" %}'
        helper.layout.fields[-1].fields.append(HTML(missing))
        return helper

    def keep_saved_values(self) -> None:
        """Fill empty fields, as shown again, with what another window saved since then."""
        saved = {
            name: value
            for name, value in self.initial.items()
            if value is not None and not self.data.get(name)
        }
        self.data = {**self.data, **saved}

    def content(self) -> tuple[dict[int, tuple[int | None, str]], str, str]:
        """Points and comment by criterion, the overall comment, and the recommendation."""
        data = self.cleaned_data
        scores = {
            criterion.pk: (data[f"points-{criterion.pk}"], data[f"comment-{criterion.pk}"])
            for criterion in self.criteria
        }
        recommendation = data["recommendation"] or Recommendation.NOT_YET
        return scores, data["comment"], recommendation
