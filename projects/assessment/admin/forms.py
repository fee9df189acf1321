"""Forms of those who lead an assessment, and of assessors."""

from typing import Any

from crispy_forms.layout import HTML, Div, LayoutObject
from django import forms
from django.contrib.auth.models import User
from django.forms.boundfield import BoundWidget
from django.template.loader import render_to_string
from django.utils.translation import gettext as _, gettext_lazy

from projects.assessment import actions
from projects.assessment.assignment import Progress, Workload
from projects.models import (
    Assessment,
    Criterion,
    Declaration,
    Project,
    ProjectStatus,
    Recommendation,
    Score,
)
from psf.staff.forms import Button, StaffForm
from psf.staff.widgets import LongTextField, NumberField, PercentField

RECOMMENDATIONS = [choice for choice in Recommendation.choices if choice[0] != "not_yet"]


class AssignForm(StaffForm):
    """Choose applications, and the accounts that assess them. The page sets the rows."""

    rows: list[Progress]
    workloads: list[Workload]
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

    def layout(self) -> list[str | LayoutObject]:
        return [HTML('{% include "admin/projects/assessment/_assign.html" %}'), "additional"]

    def application_rows(self) -> list[tuple[Progress, BoundWidget | None]]:
        """Each application with its checkbox, None if it is not eligible."""
        boxes = {str(box.data["value"]): box for box in self["projects"]}
        return [
            (
                row,
                boxes.get(str(row.project.pk))
                if row.project.status == ProjectStatus.ELIGIBLE
                else None,
            )
            for row in self.rows
        ]

    def account_rows(self) -> list[tuple[Workload, BoundWidget | None]]:
        """Each account with its checkbox, None if it cannot assess any more."""
        boxes = {str(box.data["value"]): box for box in self["assessors"]}
        return [(workload, boxes.get(str(workload.account.pk))) for workload in self.workloads]


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


class CriterionHeading(LayoutObject):
    """Name and description of a criterion. Unlike crispy's `HTML`, it evaluates no text."""

    def __init__(self, criterion: Criterion) -> None:
        self.criterion = criterion
        self.fields: list[str] = []

    def render(self, form: forms.Form, context: Any, template_pack: str = "", **kwargs: Any) -> str:
        name = "admin/projects/assessment/_criterion.html"
        return render_to_string(name, {"criterion": self.criterion})


class AssessmentForm(StaffForm):
    """Points and a comment for each criterion, and an overall comment. All can follow later."""

    comment = LongTextField(
        6, label=gettext_lazy("Overall comment"), max_length=5000, required=False
    )
    recommendation = forms.ChoiceField(
        label=gettext_lazy("Recommendation"), choices=Recommendation.choices, required=False
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

    def _add(self, criterion: Criterion, score: Score | None) -> None:
        self.fields[f"points-{criterion.pk}"] = NumberField(
            label=f"{criterion.name}: {_('points')}",
            min_value=0,
            max_value=criterion.maximum,
            required=False,
            help_text=_("0 to %(most)d. Weight %(weight)d.")
            % {"most": criterion.maximum, "weight": criterion.weight},
        )
        self.fields[f"comment-{criterion.pk}"] = LongTextField(
            3, label=f"{criterion.name}: {_('comment')}", max_length=2000, required=False
        )
        if score:
            self.initial[f"points-{criterion.pk}"] = score.points
            self.initial[f"comment-{criterion.pk}"] = score.comment

    def layout(self) -> list[str | LayoutObject]:
        return [
            *(
                Div(
                    CriterionHeading(criterion),
                    f"points-{criterion.pk}",
                    f"comment-{criterion.pk}",
                    role="group",
                    aria_labelledby=f"criterion-{criterion.pk}",
                )
                for criterion in self.criteria
            ),
            HTML('{% include "admin/projects/assessment/_overall.html" %}'),
            "comment",
            "recommendation",
        ]

    def buttons(self) -> list[Button]:
        return [
            Button(_("Save as a draft"), "_save", is_default=True),
            Button(_("Save and submit"), "_submit"),
        ]

    def keep_saved_values(self) -> None:
        """Fill empty fields, as shown again, with what another window saved since then."""
        saved = {
            name: value
            for name, value in self.initial.items()
            if value is not None and not self.data.get(name)
        }
        self.data = {**self.data, **saved}

    def content(self) -> actions.AssessmentInput:
        data = self.cleaned_data
        scores = {
            criterion.pk: (data[f"points-{criterion.pk}"], data[f"comment-{criterion.pk}"])
            for criterion in self.criteria
        }
        recommendation = data["recommendation"] or Recommendation.NOT_YET
        return actions.AssessmentInput(scores, data["comment"], recommendation)
