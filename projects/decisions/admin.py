"""The committee's decision on a call: the draft, applying and reversing it, the reserve list."""

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.db.models import Model
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from projects.decisions.apply import (
    apply_decision,
    correct_reason,
    decided_projects,
    frozen_decision,
    fund_from_reserve,
    next_on_reserve,
    reserve_list,
    reverse_decision,
)
from projects.decisions.blockers import (
    award_warnings,
    decision_blockers,
    reversal_blockers,
    switch_off_warning,
)
from projects.decisions.draft import load_draft
from projects.decisions.draft_form import DraftForm
from projects.models import Call, DecisionLine, Project, ProjectStatus
from projects.models.choices import FUNDED_STATUSES
from projects.permissions import TO_SEE
from projects.stages import CallStage
from projects.workflow.transitions import DECIDED_TOGETHER
from psf.staff.action_forms import ActionForm
from psf.staff.pages import ActionPage, LockedFormPage
from psf.staff.widgets import AmountField
from psf.text.numbers import eur

# In the order of the list of decided applications.
DECIDED = [*FUNDED_STATUSES, ProjectStatus.RESERVE, ProjectStatus.REJECTED]


class DecisionActionPage(LockedFormPage, ActionPage[Call]):
    """An action that depends on the call and on all its applications."""

    permission = TO_SEE["projects.decisionline"]

    def shown(self) -> list[Model]:
        return [self.record, *self.record.projects.all()]


class DecisionPage(DecisionActionPage):
    """The draft of the decision, and the applications that are decided."""

    name = "decision"
    label = gettext_lazy("Decision…")
    heading = gettext_lazy("Decision on %(record)s")
    stage = CallStage.DECISION
    template_name = "admin/projects/decisions/decision.html"
    form_class = DraftForm
    stays = True

    def context(self) -> Mapping[str, object]:
        decided = self.record.projects.filter(status__in=DECIDED)
        decided = decided.select_related("decision_line").order_by(
            "decision_line__reserve_place", "reference"
        )
        decision = self.record.recorded_decision()
        return {
            "notices": [*filter(None, [switch_off_warning(self.record)])],
            "apply_blockers": decision_blockers(self.record, self.user),
            "decided": sorted(decided, key=lambda row: DECIDED.index(ProjectStatus(row.status))),
            "is_published": decision is not None and decision.published_at is not None,
            "next_on_reserve": next_on_reserve(self.record),
            "frozen": frozen_decision(self.record),
        }


class ApplyForm(ActionForm[Call]):
    button = gettext_lazy("Apply the decision")

    def blockers(self) -> list[str]:
        return decision_blockers(self.record, self.user)

    def execute(self) -> str:
        projects = apply_decision(self.record, self.user)
        return ngettext(
            "The decision was applied: %(count)d application is decided.",
            "The decision was applied: %(count)d applications are decided.",
            len(projects),
        ) % {"count": len(projects)}


class ApplyDecisionPage(DecisionActionPage):
    name = "apply_decision"
    breadcrumb = gettext_lazy("Apply the decision")
    heading = gettext_lazy("Apply the decision on %(record)s")
    parent = DecisionPage
    template_name = "admin/projects/decisions/apply_decision.html"
    form_class = ApplyForm

    def context(self) -> Mapping[str, object]:
        return {"draft": load_draft(self.record)}


class ReverseForm(ActionForm[Call]):
    button = gettext_lazy("Reverse decision")
    reason = forms.CharField(label=gettext_lazy("Reason (kept in the history)"), max_length=500)

    def blockers(self) -> list[str]:
        return reversal_blockers(self.record, list(decided_projects(self.record)))

    def execute(self) -> str:
        reverse_decision(self.record, self.user, self.cleaned_data["reason"])
        return _("The decision was reversed: the applications are eligible again.")


class ReverseDecisionPage(DecisionActionPage):
    name = "reverse_decision"
    breadcrumb = gettext_lazy("Reverse decision")
    heading = gettext_lazy("Reverse the decision on %(record)s")
    parent = DecisionPage
    template_name = "admin/projects/decisions/reverse_decision.html"
    form_class = ReverseForm


class ProjectField(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.reference} · {obj.title}"


class FundFromReserveForm(ActionForm[Call]):
    button = gettext_lazy("Fund the application")
    project = ProjectField(
        Project.objects.none(), label=gettext_lazy("Application of the reserve list")
    )
    award_eur = AmountField(label=gettext_lazy("Award"))
    reason = forms.CharField(
        label=gettext_lazy("Reason (kept in the history)"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("Needed only if another application comes first on the list."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.ModelChoiceField[Project]", self.fields["project"])
        field.queryset = reserve_list(self.record)
        self.initial["project"] = next_on_reserve(self.record)

    def execute(self) -> str:
        data = self.cleaned_data
        project: Project = data["project"]
        warnings = award_warnings(project, data["award_eur"])
        lines = DecisionLine.objects.filter(project=project)
        proposed = lines.values_list("reserve_award_eur", flat=True).first()
        if fund_from_reserve(project, data["award_eur"], self.user, data["reason"]):
            done = _("%(project)s is funded.")
        else:
            done = _(
                "The award for %(project)s is proposed. A second person must enter the same award "
                "on this page to fund the application."
            )
            if proposed not in [None, data["award_eur"]]:
                warnings.append(
                    _("It replaces the proposed award of %(award)s.") % {"award": eur(proposed)}
                )
        return " ".join([done % {"project": project.reference}, *warnings])


class FundFromReservePage(DecisionActionPage):
    name = "fund_from_reserve"
    breadcrumb = gettext_lazy("Reserve list")
    heading = gettext_lazy("Fund an application from the reserve list of %(record)s")
    parent = DecisionPage
    template_name = "admin/projects/decisions/fund_from_reserve.html"
    form_class = FundFromReserveForm

    def context(self) -> Mapping[str, object]:
        proposals = DecisionLine.objects.filter(
            project__in=reserve_list(self.record), reserve_award_eur__isnull=False
        )
        return {
            "draft": load_draft(self.record),
            "reserve": list(reserve_list(self.record)),
            "proposals": list(proposals.select_related("project", "proposed_by")),
        }


class CorrectReasonForm(ActionForm[Call]):
    button = gettext_lazy("Correct the reason")
    project = ProjectField(Project.objects.none(), label=gettext_lazy("Decided application"))
    text = forms.CharField(label=gettext_lazy("Reason for the applicant"), max_length=1000)
    reason = forms.CharField(
        label=gettext_lazy("Why you correct it (kept in the history)"), max_length=500
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        decided = self.record.projects.filter(
            status__in=DECIDED_TOGETHER, decision_line__isnull=False
        )
        field = cast("forms.ModelChoiceField[Project]", self.fields["project"])
        field.queryset = decided.order_by("reference")

    def execute(self) -> str:
        data = self.cleaned_data
        correct_reason(data["project"], data["text"], self.user, data["reason"])
        return _("The reason is corrected. Create the letters again if one was cancelled.")


class CorrectReasonPage(DecisionActionPage):
    name = "correct_reason"
    breadcrumb = gettext_lazy("Correct a reason")
    heading = gettext_lazy("Correct a reason of the decision on %(record)s")
    parent = DecisionPage
    template_name = "admin/projects/decisions/correct_reason.html"
    form_class = CorrectReasonForm


DECISION_PAGES = [
    DecisionPage,
    ApplyDecisionPage,
    ReverseDecisionPage,
    FundFromReservePage,
    CorrectReasonPage,
]
