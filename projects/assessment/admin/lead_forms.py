"""Forms of those who lead the assessment."""

from typing import Any, ClassVar, cast

from crispy_forms.layout import HTML, LayoutObject
from django import forms
from django.contrib.auth.models import User
from django.forms.boundfield import BoundWidget
from django.forms.models import model_to_dict
from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from projects.assessment import actions
from projects.assessment.assignment import (
    Progress,
    Workload,
    applications,
    assessors,
    assign,
    hint,
    progress,
    workloads,
)
from projects.assessment.consensus import (
    consensus_blockers,
    missing_assessors,
    record_consensus,
)
from projects.models import Assessment, Call, Consensus, Project, ProjectStatus, Recommendation
from psf.staff.action_forms import ActionForm
from psf.staff.widgets import LongTextField, PercentField

RECOMMENDATIONS = [choice for choice in Recommendation.choices if choice[0] != "not_yet"]


class AssignForm(ActionForm[Call]):
    """Choose applications, and the accounts that assess them."""

    button = gettext_lazy("Assign selected assessors")
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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = progress(self.record, self.user)
        self.workloads = workloads(self.rows)
        self.hints: list[str] = []
        projects = cast(forms.ModelMultipleChoiceField, self.fields["projects"])
        projects.queryset = applications(self.record)
        accounts = cast(forms.ModelMultipleChoiceField, self.fields["assessors"])
        accounts.queryset = assessors()
        self.initial["projects"] = [row.project.pk for row in self.rows if row.missing]

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

    def execute(self) -> str:
        data = self.cleaned_data
        assignments = assign(data["projects"], data["assessors"], self.user, data["additional"])
        self.hints = [
            f"{row.project.reference}: {question}"
            for row in assignments
            if (question := hint(row.assessor, row.project))
        ]
        if not assignments:
            return _(
                "Nobody was assigned. The accounts are assigned already, have declared a conflict "
                "of interest, or no application needs more assessors."
            )
        return ngettext(
            "%(count)d assignment was made.", "%(count)d assignments were made.", len(assignments)
        ) % {"count": len(assignments)}


class ConsensusForm(ActionForm[Project]):
    button = gettext_lazy("Record the consensus")
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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if consensus := Consensus.objects.filter(project=self.record).first():
            self.initial = model_to_dict(consensus, list(self.fields))
        if shortage := missing_assessors(self.record):
            self.fields["text"].required = True
            self.fields["text"].help_text = shortage + " " + _("Say why these are enough.")

    def blockers(self) -> list[str]:
        blockers = consensus_blockers(self.record)
        if self.record.status != ProjectStatus.ELIGIBLE:
            status = self.record.get_status_display()
            blockers.append(
                _("The application is %(status)s. Its assessment can no longer be changed.")
                % {"status": status}
            )
        return blockers

    def execute(self) -> str:
        record_consensus(self.record, self.user, **self.cleaned_data)
        return _("The consensus is recorded.")


class ReasonForm(ActionForm[Assessment]):
    effect: ClassVar[Promise]
    reason = LongTextField(3, label=gettext_lazy("Reason (kept in the history)"), max_length=500)


class ReopenForm(ReasonForm):
    button = gettext_lazy("Reopen")
    effect = gettext_lazy(
        "The assessor can change points and comments again, and has to submit again. A recorded "
        "consensus on the application is deleted: record it again afterwards."
    )

    def execute(self) -> str:
        actions.reopen(self.record, self.user, self.cleaned_data["reason"])
        return _("The assessment is open again.")


class RemoveForm(ReasonForm):
    button = gettext_lazy("Remove assessor")
    effect = gettext_lazy(
        "The assignment ends, and all that the assessor wrote is deleted. Then another assessor "
        "can be assigned."
    )

    def execute(self) -> str:
        actions.remove_assessor(self.record, self.user, self.cleaned_data["reason"])
        return _("The assessor was removed.")
