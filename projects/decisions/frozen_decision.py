"""The ranked list and the decision, frozen when the decision is applied."""

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from projects.assessment import arithmetic
from projects.assessment.progress import applications
from projects.assessment.ranking import assessment_percent
from projects.eligibility.frozen_checks import freeze
from projects.models import Call, DecisionLine, Evidence, EvidenceKind, Outcome, Project


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
    """A frozen line of a decision, and the status of the application today if it differs."""

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
    statuses = {row.reference: row for row in call.projects.only("reference", "status")}
    lines = []
    for row in json.loads(evidence.content)["lines"]:
        project, award = statuses.get(row["reference"]), row["award_eur"]
        today = project.get_status_display() if project else _("deleted")
        same = project is not None and project.status == row["outcome"]
        outcome = str(Outcome(row["outcome"]).label)
        amount = None if award is None else Decimal(award)
        lines.append(FrozenLine(row["reference"], outcome, amount, "" if same else str(today)))
    return FrozenDecision(evidence, lines)


def _ranking_facts(call: Call) -> list[dict[str, object]]:
    """The result of each application from all submitted assessments, the best first."""
    rows = applications(call).prefetch_related("assessments__scores__criterion")
    facts = [_result_facts(project) for project in rows.select_related("consensus")]
    return sorted(facts, key=lambda row: -float(str(row["result"] or 0)))


def _result_facts(project: Project) -> dict[str, object]:
    submitted = [row for row in project.assessments.all() if row.submitted_at]
    percents = [value for row in submitted if (value := assessment_percent(row)) is not None]
    consensus = getattr(project, "consensus", None)
    agreed = consensus.agreed_percent if consensus else None
    mean = arithmetic.rounded(arithmetic.mean(percents)) if percents else None
    return {
        "reference": project.reference,
        "requested_eur": project.requested_eur,
        "results": [arithmetic.rounded(value) for value in percents],
        "mean": mean,
        "agreed": agreed,
        "result": mean if agreed is None else agreed,
    }
