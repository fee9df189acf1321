"""A decision is kept as evidence, and compared with the applications today."""

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from projects.amounts import project_amount
from projects.assessment.ranking import has_closed_assessments, ranked_list, rounded
from projects.decisions.committee_paper import paper_facts
from projects.eligibility.frozen_checks import freeze
from projects.models import (
    AmountKind,
    Call,
    DecisionLine,
    Evidence,
    EvidenceKind,
    Outcome,
    Project,
)
from projects.models.choices import FUNDED_STATUSES, KINDS_WITHOUT_AWARD


def freeze_decision(call: Call, projects: Iterable[Project], by: User) -> None:
    """Freeze committee paper, ranked list and lines of the decision on these projects."""
    freeze(EvidenceKind.PAPER, call, paper_facts(call, None), by)
    freeze(EvidenceKind.RANKING, call, {"applications": _ranking_facts(call)}, by)
    lines = DecisionLine.objects.filter(project__in=list(projects)).select_related("project")
    facts = [
        {
            "reference": line.project.reference,
            "outcome": line.outcome,
            "award_eur": line.award_eur,
            "reserve_place": line.reserve_place,
            "reason": line.reason,
            "conditions": line.conditions(),
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


def frozen_paper(call: Call, user: User) -> dict[str, Any] | None:
    """The facts of the last frozen committee paper; None without one.

    It has all results, so accounts to which an assessment of the call is closed do not see it.
    """
    evidence = call.evidence.filter(kind=EvidenceKind.PAPER).first()
    if evidence is None or has_closed_assessments(call, user):
        return None
    facts: dict[str, Any] = json.loads(evidence.content)
    return facts


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
            "results": [*map(rounded, row.percents)],
            "mean": rounded(row.mean),
            "agreed": row.consensus.agreed_percent if row.consensus else None,
            "result": rounded(row.result),
        }
        for row in ranked_list(call, None).rows
    ]
