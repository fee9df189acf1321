"""Forms of those who lead the assessment."""

from crispy_forms.layout import HTML, LayoutObject
from django import forms
from django.contrib.auth.models import User
from django.forms.boundfield import BoundWidget
from django.utils.translation import gettext_lazy

from projects.assessment.assignment import Progress, Workload
from projects.models import Project, ProjectStatus, Recommendation
from psf.staff.forms import StaffForm
from psf.staff.widgets import LongTextField, PercentField

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
