"""What stops a decision, and what it warns about."""

from decimal import Decimal

from django.contrib.auth.models import User
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from projects.assessment.assignment import not_assessed
from projects.eligibility.award_limits import amount_error, awarded_total, budget_error
from projects.eligibility.unlikely_values import small_amount_warning
from projects.models import Assessment, Call, DecisionLine, Outcome, Project, ProjectStatus
from projects.permissions import DECIDE
from projects.post_award.actions import award_blockers
from projects.workflow.status_changes import DECIDED_TOGETHER
from psf.history.models import Action, Change, ChangeSet
from psf.history.tracking import kind_of
from psf.text.dates import describe_moment
from psf.text.numbers_and_amounts import eur


def decision_blockers(call: Call, by: User) -> list[str]:
    """Why this person cannot apply the draft, in sentences; [] if they can."""
    decision = call.recorded_decision()
    eligible = call.projects.filter(status=ProjectStatus.ELIGIBLE)
    open_ones = eligible.filter(decision_line__isnull=True)
    rejected = eligible.filter(decision_line__outcome=Outcome.REJECTED, decision_line__reason="")
    of_projects = [
        (open_ones, _("No outcome yet: %(projects)s. Enter each outcome in the draft.")),
        (rejected, _("Rejected without a reason: %(projects)s. Enter one for the applicants.")),
        (
            not_assessed(call),
            _(
                "Not assessed yet: %(projects)s. On the page “Assessment”, wait for the assessors, "
                "or assign others. Or somebody without a conflict of interest records a consensus."
            ),
        ),
    ]
    blockers = []
    for projects, words in of_projects:
        references = list(projects.order_by("reference").values_list("reference", flat=True))
        if projects is open_ones and references and len(references) == eligible.count():
            blockers.append(_("No draft is saved yet."))
        elif references:
            blockers.append(words % {"projects": ", ".join(references)})
    if not eligible.exists():
        blockers.append(_("No application of “%(call)s” waits for a decision.") % {"call": call})
    if decision is None or not decision.body:
        blockers.append(_("Enter the body that decided."))
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
    deciders = User.objects.with_perm(DECIDE).exclude(pk=by.pk)
    alone = "" if deciders else _("No other active account may decide: ask an administrator.")
    words = _(
        "You prepared this decision. A second person must apply it, because “%(call)s” "
        "requires two people."
    )
    return f"{words % {'call': call}} {alone}".strip()


def declared_conflicts(call: Call, by: User | None) -> list[str]:
    """Sentences about conflicts of interest of this account, and of who prepared the lines."""
    proposed = Q(assessor=F("project__decision_line__proposed_by"))
    rows = Assessment.objects.filter(proposed | Q(assessor=by), project__call=call)
    rows = rows.filter(project__status=ProjectStatus.ELIGIBLE).exclude(conflict="")
    sentence = _("%(account)s declared a conflict of interest about %(project)s.")
    return [
        sentence % {"account": row.assessor, "project": row.project.reference}
        for row in rows.select_related("assessor", "project").order_by("project__reference")
    ]


def switches_of_the_rule() -> QuerySet[Change]:
    """The changes of “two people decide” in saved calls."""
    changes = Change.objects.filter(kind=kind_of(Call), action=Action.CHANGED)
    return changes.filter(before__has_key="decided_by_two")


def switch_off(call: Call) -> ChangeSet | None:
    """The change that switched “two people decide” off; None once the decision is applied."""
    decision = call.recorded_decision()
    if call.decided_by_two or (decision and decision.applied_at):
        return None
    switches = switches_of_the_rule().filter(key=call.pk).select_related("change_set")
    last = switches.order_by("pk").last()
    return last.change_set if last else None


def switch_off_warning(call: Call) -> str:
    """Who switched “two people decide” off and when; "" without such a change."""
    change = switch_off(call)
    if change is None:
        return ""
    return _("%(call)s: “two people decide” was switched off on %(moment)s by %(who)s.") % {
        "call": call,
        "moment": describe_moment(change.made_at),
        "who": change.who or _("a command"),
    }


def award_warnings(project: Project, award: Decimal | None) -> list[str]:
    """The warnings of an award (EUR) that its project or its call makes unlikely."""
    limits = [
        (project.requested_eur, _("The award of %(award)s is more than the requested %(limit)s.")),
        (
            project.total_budget_eur,
            _("The award of %(award)s is more than the total budget of %(limit)s."),
        ),
    ]
    warnings = [
        sentence % {"award": eur(award), "limit": eur(limit)}
        for limit, sentence in limits
        if award is not None and limit is not None and award > limit
    ]
    numbers = project.requested_eur, project.call.ceiling_eur, project.amount_kind
    return [*warnings, *filter(None, [small_amount_warning(award, *numbers)])]
