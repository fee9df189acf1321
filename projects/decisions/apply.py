"""Applying a decision, taking it back, and what follows when an award falls away."""

from decimal import Decimal
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from projects.assessment.progress import not_assessed
from projects.eligibility.award_limits import amount_error, awarded_total, budget_error
from projects.models import Call, Decision, DecisionLine, Outcome, Project, ProjectStatus
from projects.permissions import DECIDE
from projects.post_award.transition_rules import award_blockers
from projects.workflow.status_changes import set_status
from projects.workflow.transitions import DECIDED_TOGETHER
from psf.database.record_version import bump_version, lock
from psf.history import recording
from psf.history.models import Channel


def hindrances(call: Call, by: Any) -> list[str]:
    """Why this person cannot apply the draft, in sentences; [] if they can."""
    decision = _decision_of(call)
    eligible = call.projects.filter(status=ProjectStatus.ELIGIBLE)
    open_ones = eligible.filter(decision_line__isnull=True).order_by("reference")
    found = [
        _("%(project)s has no line yet: say what becomes of it.") % {"project": reference}
        for reference in open_ones.values_list("reference", flat=True)
    ]
    found += [
        _("%(project)s is not assessed yet: record a consensus, or wait for its assessors.")
        % {"project": project.reference}
        for project in not_assessed(call)
    ]
    if not eligible.exists():
        found.append(_("No application of “%(call)s” waits for a decision.") % {"call": call})
    if decision is None or not decision.body:
        found.append(_("Say who decided: the body, on the form of the call."))
    if call.decided_by_two and decision and decision.prepared_by_id == by.pk:
        found.append(
            _("You prepared this decision: “%(call)s” wants a second person to apply it.")
            % {"call": call}
        )
    return [*found, *_refusals_of_money(call)]


def _refusals_of_money(call: Call) -> list[str]:
    lines = DecisionLine.objects.filter(
        project__call=call, project__status=ProjectStatus.ELIGIBLE, outcome=Outcome.FUNDED
    ).select_related("project")
    proposed = {line.project.reference: line.award_eur or Decimal() for line in lines}
    above = [
        f"{reference}: {sentence}"
        for reference, award in proposed.items()
        if (sentence := amount_error(call, award))
    ]
    total = awarded_total(call) + sum(proposed.values(), Decimal())
    return [*above, *filter(None, [budget_error(call, total, call.budget_eur)])]


def apply(call: Call, by: Any) -> list[Project]:
    """Make of every eligible application what its line says. Returns these projects.

    Safe against two at once: whoever comes second finds nothing left to decide.
    """
    if not by.has_perm(DECIDE):
        raise PermissionDenied
    with recording.change_set(
        by, channel=Channel.DECISION, reason=_("Decision on %(call)s") % {"call": call}
    ):
        call = lock(Call.objects.filter(pk=call.pk))[0]
        projects = lock(call.projects.filter(status=ProjectStatus.ELIGIBLE))
        if found := hindrances(call, by):
            raise ValidationError(found)
        lines = {
            line.project_id: line for line in DecisionLine.objects.filter(project__in=projects)
        }
        for project in projects:
            line = lines[project.pk]
            set_status(project, line.outcome, line.award_eur)
        Decision.objects.filter(call=call).update(applied_at=timezone.now(), applied_by=by)
        bump_version(Call, [call.pk])
        return projects


def reverse(call: Call, by: Any, reason: str) -> list[Project]:
    """Take the decision back: its applications are eligible again, and the draft stays.

    What readers know, or what has begun, is taken back first. Addresses that were public go on
    telling why they are no more, until they are public again.
    """
    if not by.has_perm(DECIDE):
        raise PermissionDenied
    if not reason.strip():
        raise ValidationError(_("Say why the decision is taken back."))
    with recording.change_set(by, channel=Channel.DECISION, reason=reason.strip()):
        call = lock(Call.objects.filter(pk=call.pk))[0]
        decided = call.projects.filter(decision_line__isnull=False).exclude(
            status__in=[ProjectStatus.ELIGIBLE, ProjectStatus.WITHDRAWN]
        )
        projects = lock(decided)
        if found := _why_it_stands(call, projects):
            raise ValidationError(found)
        for project in projects:
            set_status(project, ProjectStatus.ELIGIBLE)
        Decision.objects.filter(call=call).update(applied_at=None, applied_by=None)
        bump_version(Call, [call.pk])
        return projects


def _why_it_stands(call: Call, projects: list[Project]) -> list[str]:
    decision = _decision_of(call)
    if not projects:
        return [_("No decision on “%(call)s” was applied here.") % {"call": call}]
    if decision and decision.published_at:
        return [_("The results are public, or will be: take them back from the public first.")]
    found = []
    for project in projects:
        found += award_blockers(project, ProjectStatus.ELIGIBLE)
        if project.published_at:
            found.append(
                _("%(project)s is public, or will be: take it back from the public first.")
                % {"project": project.reference}
            )
        elif project.status not in DECIDED_TOGETHER:
            found.append(
                _("%(project)s is %(status)s: take it back to “funded” first.")
                % {"project": project.reference, "status": project.get_status_display()}
            )
    return found


def next_on_reserve(call: Call) -> Project | None:
    """The application that is first on the reserve list; None when nobody waits."""
    waiting = call.projects.filter(status=ProjectStatus.RESERVE)
    return waiting.order_by("decision_line__reserve_place", "reference").first()


def move_up(project: Project, award: Decimal, by: Any, reason: str) -> None:
    """Fund an application of the reserve list with what fell free (EUR)."""
    if not by.has_perm(DECIDE):
        raise PermissionDenied
    with recording.change_set(by, channel=Channel.DECISION, reason=reason.strip()):
        call = lock(Call.objects.filter(projects=project.pk))[0]
        project = lock(Project.objects.filter(pk=project.pk))[0]
        if project.status != ProjectStatus.RESERVE:
            raise ValidationError(
                _("%(project)s is not on the reserve list.") % {"project": project.reference}
            )
        first = next_on_reserve(call)
        if first != project and not reason.strip():
            raise ValidationError(
                _("%(project)s comes first on the reserve list: say why it is passed over.")
                % {"project": first.reference if first else ""}
            )
        total = awarded_total(call) + award
        refusal = amount_error(call, award) or budget_error(call, total, call.budget_eur)
        if refusal:
            raise ValidationError(refusal)
        set_status(project, ProjectStatus.FUNDED, award)
        DecisionLine.objects.filter(project=project).update(
            outcome=Outcome.FUNDED, award_eur=award, reserve_place=None
        )
        bump_version(Call, [call.pk])


def _decision_of(call: Call) -> Decision | None:
    try:
        return call.decision
    except ObjectDoesNotExist:
        return None
