"""The reasons why a decision cannot be applied or reversed yet."""

from decimal import Decimal

from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from projects.assessment.consensus import next_step
from projects.assessment.progress import not_assessed
from projects.decisions.warnings import switch_off
from projects.eligibility.award_limits import amount_error, awarded_total, budget_error
from projects.models import Call, DecisionLine, Outcome, Project, ProjectStatus
from projects.post_award.transition_rules import award_blockers
from projects.workflow.transitions import DECIDED_TOGETHER


def decision_blockers(call: Call, by: User) -> list[str]:
    """Why this person cannot apply the draft, in sentences; [] if they can."""
    decision = call.recorded_decision()
    eligible = call.projects.filter(status=ProjectStatus.ELIGIBLE)
    without_line = eligible.filter(decision_line__isnull=True).order_by("reference")
    blockers = []
    if references := list(without_line.values_list("reference", flat=True)):
        words = _("No outcome yet: %(projects)s. Enter each outcome in the draft.")
        blockers.append(words % {"projects": ", ".join(references)})
    rejected = eligible.filter(decision_line__outcome=Outcome.REJECTED, decision_line__reason="")
    blockers += [
        _("%(project)s is rejected without a reason. Enter one for the applicant.")
        % {"project": reference}
        for reference in rejected.order_by("reference").values_list("reference", flat=True)
    ]
    blockers += [
        _("%(project)s is not assessed yet. %(next)s")
        % {"project": project.reference, "next": next_step(project, by)}
        for project in not_assessed(call).prefetch_related("assessments")
    ]
    if not eligible.exists():
        blockers.append(_("No application of “%(call)s” waits for a decision.") % {"call": call})
    if decision is None or not decision.body:
        blockers.append(_("Enter the body that decided, on the form of the call."))
    return [*blockers, *filter(None, [_same_person_error(call, by)]), *_award_errors(call)]


def reversal_blockers(call: Call, projects: list[Project]) -> list[str]:
    """Why the decision on these projects cannot be reversed, in sentences; [] if it can."""
    decision = call.recorded_decision()
    if not projects:
        return [_("No decision on “%(call)s” was applied here.") % {"call": call}]
    if decision and decision.published_at:
        return [_("The results are public or scheduled. Unpublish the results first.")]
    blockers = []
    for project in projects:
        blockers += award_blockers(project, ProjectStatus.ELIGIBLE)
        if project.published_at:
            blockers.append(
                _("%(project)s is public or scheduled. Unpublish the project first.")
                % {"project": project.reference}
            )
        elif project.status not in DECIDED_TOGETHER:
            blockers.append(
                _("%(project)s is %(status)s. Change it back to “funded” first.")
                % {"project": project.reference, "status": project.get_status_display()}
            )
    return blockers


def _award_errors(call: Call) -> list[str]:
    lines = DecisionLine.objects.filter(
        project__call=call, project__status=ProjectStatus.ELIGIBLE, outcome=Outcome.FUNDED
    ).select_related("project")
    awards = {line.project.reference: line.award_eur or Decimal() for line in lines}
    errors = [
        f"{reference}: {error}"
        for reference, award in awards.items()
        if (error := amount_error(call, award))
    ]
    total = awarded_total(call) + sum(awards.values(), Decimal())
    return [*errors, *filter(None, [budget_error(call, total, call.budget_eur)])]


def _same_person_error(call: Call, by: User) -> str:
    """Why this account is not the second of two people; "" if it is, or if one decides.

    One person decides only if somebody else switched “two people decide” off.
    """
    change = switch_off(call)
    if change and change.user_id == by.pk:
        return _(
            "You switched “two people decide” off for “%(call)s”. Another person must apply the "
            "decision."
        ) % {"call": call}
    lines = DecisionLine.objects.filter(project__call=call, project__status=ProjectStatus.ELIGIBLE)
    proposers = set(lines.values_list("proposed_by", flat=True))
    if not call.decided_by_two or not proposers & {by.pk, None}:
        return ""
    if by.pk not in proposers:
        return _(
            "The account that prepared a line is gone. Save the draft again. "
            "Then a second person must apply the decision."
        )
    return _(
        "You prepared this decision. A second person must apply it, because “%(call)s” "
        "requires two people."
    ) % {"call": call}
