"""The committee's decision on a call: the draft, applying and reversing it, the reserve list."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from projects.assessment.admin.forms import ReasonForm
from projects.decisions.apply import (
    apply_decision,
    correct_reason,
    decided_projects,
    fund_from_reserve,
    next_on_reserve,
    reserve_list,
    reverse_decision,
)
from projects.decisions.blockers import (
    award_warnings,
    decision_blockers,
    declared_conflicts,
    reversal_blockers,
    switch_off_warning,
)
from projects.decisions.committee_paper import (
    frozen_decision,
    frozen_paper,
    paper_as_pdf,
    paper_facts,
)
from projects.decisions.draft import load_draft, save_draft
from projects.decisions.draft_form import DraftForm, ProposeForm
from projects.models import Call, DecisionLine, Project, ProjectStatus
from projects.models.choices import FUNDED_STATUSES
from projects.permissions import TO_SEE
from projects.stages import CallStage
from projects.workflow.status_changes import DECIDED_TOGETHER
from psf.staff.forms import StaffForm
from psf.staff.pages import ActionPage, StaffPage
from psf.staff.widgets import AmountField
from psf.text.numbers_and_amounts import eur

# In the order of the list of decided applications.
DECIDED = [*FUNDED_STATUSES, ProjectStatus.RESERVE, ProjectStatus.REJECTED]


class DecisionActionPage(ActionPage):
    """An action that depends on the call and on all its applications."""

    permission = TO_SEE["projects.decisionline"]
    record: Call

    def shown(self) -> list[Model]:
        return [self.record, *self.record.projects.all()]


class DecisionPage(DecisionActionPage):
    """The draft of the decision, and the applications that are decided."""

    name = "decision"
    label = gettext_lazy("Decision…")
    heading = gettext_lazy("Decision on %(record)s")
    stage = CallStage.DECIDE
    template_name = "admin/projects/decisions/decision.html"
    button = gettext_lazy("Save the draft")
    stays = True

    def make_form(self, *sent: Any) -> DraftForm:
        line = ProposeForm(self.request.GET if "fund" in self.request.GET else None)
        return DraftForm(*sent, call=self.record, user=self.user, line=line)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Save the draft, or only count it: the script shows sums and marks after each change."""
        if "count" in request.POST:
            return self.render(form=self.form())
        return super().post(request, *args, **kwargs)

    def differences(self, form: DraftForm) -> list[str]:
        return form.differences()

    def execute(self, form: DraftForm) -> str:
        if save_draft(self.record, form.content(), self.user, form.head()):
            return _("The draft was saved.")
        return _("The lines are as they were, so the draft keeps its author.")

    def context(self) -> Mapping[str, object]:
        decided = self.record.projects.filter(status__in=DECIDED)
        decided = decided.select_related("decision_line").order_by(
            "decision_line__reserve_place", "reference"
        )
        decision = self.record.recorded_decision()
        return {
            "notices": [
                *filter(None, [switch_off_warning(self.record)]),
                *declared_conflicts(self.record, self.user),
            ],
            "apply_blockers": decision_blockers(self.record, self.user),
            "decided": sorted(decided, key=lambda row: DECIDED.index(ProjectStatus(row.status))),
            "is_published": decision is not None and decision.published_at is not None,
            "next_on_reserve": next_on_reserve(self.record),
            "frozen": frozen_decision(self.record),
            "has_frozen_paper": frozen_paper(self.record, self.user) is not None,
        }


class CommitteePaper(StaffPage):
    """The committee paper of the draft, or as it was frozen with the decision."""

    name = "committee_paper"
    route = "committee-paper/<slug:which>/"
    permission = TO_SEE["projects.decisionline"]
    record: Call

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        which = self.kwargs["which"]
        facts = frozen_paper(self.record, self.user) if which == "frozen" else None
        if which == "draft" and self.record.projects.filter(status=ProjectStatus.ELIGIBLE).exists():
            facts = paper_facts(self.record, self.user)
        if facts is None:
            raise Http404
        name = f"committee-paper-{self.record.slug}-{which}.pdf"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return HttpResponse(paper_as_pdf(facts), content_type="application/pdf", headers=headers)


class ApplyDecisionPage(DecisionActionPage):
    name = "apply_decision"
    breadcrumb = gettext_lazy("Apply the decision")
    heading = gettext_lazy("Apply the decision on %(record)s")
    parent = DecisionPage
    template_name = "admin/projects/decisions/apply_decision.html"
    button = gettext_lazy("Apply the decision")

    def context(self) -> Mapping[str, object]:
        return {"draft": load_draft(self.record)}

    def blockers(self) -> list[str]:
        return decision_blockers(self.record, self.user)

    def execute(self, form: StaffForm) -> str:
        projects = apply_decision(self.record, self.user)
        return ngettext(
            "The decision was applied: %(count)d application is decided.",
            "The decision was applied: %(count)d applications are decided.",
            len(projects),
        ) % {"count": len(projects)}


class ReverseDecisionPage(DecisionActionPage):
    name = "reverse_decision"
    breadcrumb = gettext_lazy("Reverse decision")
    heading = gettext_lazy("Reverse the decision on %(record)s")
    parent = DecisionPage
    template_name = "admin/projects/decisions/reverse_decision.html"
    fields = ReasonForm
    button = gettext_lazy("Reverse decision")

    def blockers(self) -> list[str]:
        projects = decided_projects(self.record).select_related("agreement")
        return reversal_blockers(self.record, list(projects))

    def execute(self, form: ReasonForm) -> str:
        reverse_decision(self.record, self.user, self.reason(form))
        return _("The decision was reversed: the applications are eligible again.")


class ProjectField(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.reference} · {obj.title}"


class FundFromReserveForm(StaffForm):
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


class FundFromReservePage(DecisionActionPage):
    name = "fund_from_reserve"
    breadcrumb = gettext_lazy("Reserve list")
    heading = gettext_lazy("Fund an application from the reserve list of %(record)s")
    parent = DecisionPage
    template_name = "admin/projects/decisions/fund_from_reserve.html"
    fields = FundFromReserveForm
    button = gettext_lazy("Fund the application")

    def prepare(self, form: FundFromReserveForm) -> None:
        field: Any = form.fields["project"]
        field.queryset = reserve_list(self.record)
        form.initial["project"] = next_on_reserve(self.record)

    def execute(self, form: FundFromReserveForm) -> str:
        data = form.cleaned_data
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

    def context(self) -> Mapping[str, object]:
        proposals = DecisionLine.objects.filter(
            project__in=reserve_list(self.record), reserve_award_eur__isnull=False
        )
        return {
            "draft": load_draft(self.record),
            "reserve": list(reserve_list(self.record)),
            "proposals": list(proposals.select_related("project", "proposed_by")),
        }


class CorrectReasonForm(StaffForm):
    project = ProjectField(Project.objects.none(), label=gettext_lazy("Decided application"))
    text = forms.CharField(label=gettext_lazy("Reason for the applicant"), max_length=1000)
    reason = forms.CharField(
        label=gettext_lazy("Why you correct it (kept in the history)"), max_length=500
    )


class CorrectReasonPage(DecisionActionPage):
    name = "correct_reason"
    breadcrumb = gettext_lazy("Correct a reason")
    heading = gettext_lazy("Correct a reason of the decision on %(record)s")
    parent = DecisionPage
    template_name = "admin/projects/decisions/correct_reason.html"
    fields = CorrectReasonForm
    button = gettext_lazy("Correct the reason")

    def prepare(self, form: CorrectReasonForm) -> None:
        field: Any = form.fields["project"]
        field.queryset = self.record.projects.filter(
            status__in=DECIDED_TOGETHER, decision_line__isnull=False
        ).order_by("reference")

    def execute(self, form: CorrectReasonForm) -> str:
        data = form.cleaned_data
        correct_reason(data["project"], data["text"], self.user, data["reason"])
        return _("The reason is corrected. Create the letters again if one was cancelled.")


DECISION_PAGES = [
    DecisionPage,
    CommitteePaper,
    ApplyDecisionPage,
    ReverseDecisionPage,
    FundFromReservePage,
    CorrectReasonPage,
]
