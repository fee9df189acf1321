"""A decision is applied, reversed and corrected, and applications move up from the reserve list."""

from decimal import Decimal

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from projects.decisions.blockers import decision_blockers, reversal_blockers
from projects.decisions.committee_paper import freeze_decision
from projects.eligibility.award_limits import amount_error, awarded_total, budget_error
from projects.models import (
    Call,
    Decision,
    DecisionLine,
    Letter,
    Outcome,
    Project,
    ProjectStatus,
)
from projects.permissions import DECIDE, require
from projects.workflow.status_changes import DECIDED_TOGETHER, set_status
from psf.database.record_version import bump_version, lock
from psf.history import recording
from psf.history.models import Channel


def apply_decision(call: Call, by: User) -> list[Project]:
    """Give every eligible application the outcome of its line. Returns these projects.

    Two people at once are safe: the second finds no application that waits for a decision.
    """
    require(by, DECIDE)
    with recording.change_set(
        by, channel=Channel.DECISION, reason=_("Decision on %(call)s") % {"call": call}
    ):
        call = lock(Call.objects.filter(pk=call.pk))[0]
        projects = lock(call.projects.filter(status=ProjectStatus.ELIGIBLE))
        if blockers := decision_blockers(call, by):
            raise ValidationError(blockers)
        rows = DecisionLine.objects.filter(project__in=projects)
        rows.update(reserve_award_eur=None)  # proposed after an earlier decision
        lines = {line.project_id: line for line in rows}
        freeze_decision(call, projects, by)
        for project in projects:
            line = lines[project.pk]
            if call.decided_by_two and line.outcome == Outcome.FUNDED:
                confirm_line(line, by)
            set_status(project, line.outcome, line.award_eur)
        Decision.objects.filter(call=call).update(applied_at=timezone.now(), applied_by=by)
        bump_version(Call, [call.pk])
        return projects


def decided_projects(call: Call) -> QuerySet[Project]:
    """The projects that a reversal makes eligible again."""
    undecided = [ProjectStatus.ELIGIBLE, ProjectStatus.WITHDRAWN]
    return call.projects.filter(decision_line__isnull=False).exclude(status__in=undecided)


def reverse_decision(call: Call, by: User, reason: str) -> list[Project]:
    """Reverse the decision: its applications are eligible again, and the draft stays.

    Published results and begun projects block the reversal. Addresses that were public tell the
    reason until they are public again.
    """
    require(by, DECIDE)
    if not reason.strip():
        raise ValidationError(_("Enter the reason for reversing the decision."))
    with recording.change_set(by, channel=Channel.DECISION, reason=reason.strip()):
        call = lock(Call.objects.filter(pk=call.pk))[0]
        projects = lock(decided_projects(call))
        if blockers := reversal_blockers(call, projects):
            raise ValidationError(blockers)
        for project in projects:
            set_status(project, ProjectStatus.ELIGIBLE)
        DecisionLine.objects.filter(project__in=projects).update(
            is_confirmed=False, confirmed_by=None
        )
        Decision.objects.filter(call=call).update(applied_at=None, applied_by=None)
        bump_version(Call, [call.pk])
        return projects


def confirm_line(line: DecisionLine, by: User) -> None:
    line.is_confirmed, line.confirmed_by = True, by
    line.save(update_fields=["is_confirmed", "confirmed_by"])


def correct_reason(project: Project, text: str, by: User, reason: str) -> None:
    """Replace the reason for the applicant of a decided application.

    `reason` says why and stays in the history. Waiting letters with the old text are cancelled.
    """
    require(by, DECIDE)
    if not text.strip() or not reason.strip():
        raise ValidationError(_("Enter the corrected reason, and why you correct it."))
    with recording.change_set(by, channel=Channel.DECISION, reason=reason.strip()):
        lock(Call.objects.filter(projects=project.pk))
        project = lock(Project.objects.filter(pk=project.pk))[0]
        line = DecisionLine.objects.filter(project=project).first()
        if line is None or project.status not in DECIDED_TOGETHER:
            raise ValidationError(
                _("%(project)s has no decision to correct.") % {"project": project.reference}
            )
        line.reason = text.strip()
        line.full_clean()
        line.save(update_fields=["reason"])
        waiting = Letter.objects.waiting().filter(project=project)
        waiting.cancel(_("The reason of the decision was corrected."))
        bump_version(Call, [project.call_id])


# The reserve list


def reserve_list(call: Call) -> QuerySet[Project]:
    """The applications on the reserve list, in the order in which they move up."""
    reserve = call.projects.filter(status=ProjectStatus.RESERVE).select_related("decision_line")
    return reserve.order_by("decision_line__reserve_place", "reference")


def next_on_reserve(call: Call) -> Project | None:
    """The first application on the reserve list; None if the list is empty."""
    return reserve_list(call).first()


def fund_from_reserve(project: Project, award: Decimal, by: User, reason: str) -> bool:
    """Fund an application of the reserve list with an award in EUR.

    Under “two people decide” the first person proposes the award. A second person with the same
    award funds the application. Returns whether the application is funded now.
    """
    require(by, DECIDE)
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
                _("%(project)s comes first on the reserve list. Enter why it is passed over.")
                % {"project": first.reference if first else ""}
            )
        total = awarded_total(call) + award
        error = amount_error(call, award) or budget_error(call, total, call.budget_eur)
        if error:
            raise ValidationError(error)
        bump_version(Call, [call.pk])
        lines = DecisionLine.objects.filter(project=project)
        if call.decided_by_two and not _is_second_person(project, award, by):
            lines.update(reserve_award_eur=award, proposed_by=by)
            return False
        lines.update(
            outcome=Outcome.FUNDED, award_eur=award, reserve_place=None, reserve_award_eur=None
        )
        if call.decided_by_two:
            confirm_line(lines.get(), by)
        set_status(lock(Project.objects.filter(pk=project.pk))[0], ProjectStatus.FUNDED, award)
        return True


def _is_second_person(project: Project, award: Decimal, by: User) -> bool:
    """Whether another person proposed the same award."""
    line = DecisionLine.objects.filter(project=project).first()
    if line is None:
        raise ValidationError(
            _(
                "%(project)s was not decided here. "
                "Change its status to “eligible” and decide on it first."
            )
            % {"project": project.reference}
        )
    return line.reserve_award_eur == award and line.proposed_by_id not in (None, by.pk)
