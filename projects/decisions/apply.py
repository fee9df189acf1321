"""A decision is applied, kept as evidence, corrected, and followed by the reserve list."""

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from projects.amounts import project_amount
from projects.assessment import arithmetic
from projects.assessment.ranking import ranked_list, results_of
from projects.decisions.blockers import decision_blockers, reversal_blockers
from projects.eligibility.award_limits import amount_error, awarded_total, budget_error
from projects.eligibility.frozen_checks import freeze
from projects.models import (
    AmountKind,
    Call,
    Decision,
    DecisionLine,
    Evidence,
    EvidenceKind,
    Letter,
    Outcome,
    Project,
    ProjectStatus,
)
from projects.models.choices import FUNDED_STATUSES, KINDS_WITHOUT_AWARD
from projects.permissions import DECIDE, require
from projects.workflow.status_changes import set_status
from projects.workflow.transitions import DECIDED_TOGETHER
from psf.database.record_version import bump_version, lock
from psf.history import recording
from psf.history.models import Channel


def freeze_decision(call: Call, projects: Iterable[Project], by: User) -> None:
    """Freeze the ranked list and the lines of the decision on these projects."""
    freeze(EvidenceKind.RANKING, call, {"applications": _ranking_facts(call)}, by)
    lines = DecisionLine.objects.filter(project__in=list(projects)).select_related("project")
    facts = [
        {
            "reference": line.project.reference,
            "outcome": line.outcome,
            "award_eur": line.award_eur,
            "reserve_place": line.reserve_place,
            "reason": line.reason,
        }
        for line in lines.order_by("project__reference")
    ]
    freeze(EvidenceKind.DECISION, call, {"budget_eur": call.budget_eur, "lines": facts}, by)


class FrozenLine(NamedTuple):
    """A frozen line of a decision, and the status and the award today if they differ."""

    reference: str
    outcome: str
    award_eur: Decimal | None
    today: str


class FrozenDecision(NamedTuple):
    evidence: Evidence
    lines: list[FrozenLine]


def frozen_decision(call: Call) -> FrozenDecision | None:
    """The last frozen decision, compared with the applications today."""
    evidence = call.evidence.filter(kind=EvidenceKind.DECISION).first()
    if evidence is None:
        return None
    projects = {row.reference: row for row in call.projects.all()}
    lines = []
    for row in json.loads(evidence.content)["lines"]:
        award = None if row["award_eur"] is None else Decimal(row["award_eur"])
        today = _today(projects.get(row["reference"]), row["outcome"], award)
        outcome = str(Outcome(row["outcome"]).label)
        lines.append(FrozenLine(row["reference"], outcome, award, today))
    return FrozenDecision(evidence, lines)


def _today(project: Project | None, outcome: str, award: Decimal | None) -> str:
    """The status and the award of an application today, so far as they differ from its line."""
    if project is None:
        return _("deleted")
    differences = []
    if project.status != outcome:
        differences.append(project.get_status_display())
    is_other = project.amount_eur != award and project.amount_kind == AmountKind.AWARDED
    is_removed = project.amount_kind in KINDS_WITHOUT_AWARD and project.status in FUNDED_STATUSES
    if award and (is_other or is_removed):
        differences.append(str(project_amount(project)))
    return ", ".join(differences)


def _ranking_facts(call: Call) -> list[dict[str, object]]:
    """The ranked list from all submitted assessments, whoever may read them."""
    return [
        {
            "reference": row.project.reference,
            "requested_eur": row.project.requested_eur,
            "results": [arithmetic.rounded(result.percent) for result in results_of(row.project)],
            "mean": arithmetic.rounded_if_known(row.mean),
            "agreed": row.consensus.agreed_percent if row.consensus else None,
            "result": arithmetic.rounded_if_known(row.result),
        }
        for row in ranked_list(call, None).rows
    ]


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
