"""The committee paper, and the decision as it was frozen with its paper.

The paper is the draft of a decision with all that it rests on, as one PDF.
"""

import json
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.utils.translation import gettext as _, gettext_lazy

from projects.amounts import project_amount
from projects.assessment.ranking import ranked_list, rounded
from projects.decisions.blockers import declared_conflicts
from projects.decisions.draft import HEAD
from projects.decisions.draft_form import DraftForm, LineForm, ProposeForm
from projects.eligibility.frozen_checks import freeze
from projects.eligibility.rules import Verdict, check_rules, rules_of
from projects.letters.compose import compile_pdf
from projects.models import (
    AmountKind,
    Assessment,
    Call,
    Decision,
    DecisionLine,
    EvidenceKind,
    Outcome,
    Project,
)
from projects.models.choices import FUNDED_STATUSES, KINDS_WITHOUT_AWARD
from psf.text.dates import Precision, describe
from psf.text.numbers_and_amounts import eur

LAYOUT = Path(__file__).with_name("committee_paper.typ").read_bytes()

HEADINGS = {
    Outcome.FUNDED: gettext_lazy("Funded"),
    Outcome.RESERVE: gettext_lazy("Reserve list"),
    "": gettext_lazy("Open"),
    Outcome.REJECTED: gettext_lazy("Rejected"),
}


def paper_facts(call: Call, user: User | None, by: User | None = None) -> dict[str, object]:
    """What the paper says, in words: the stored draft, or the proposal from the ranked list.

    Results that the account may not read are left out; None may read all. `by` applies the draft.
    """
    form = DraftForm(call=call, user=user, line=ProposeForm())
    waiting = call.projects.filter(pk__in=[line.project.pk for line in form.lines])
    projects = {project.pk: project for project in waiting.for_rules()}
    return {
        "title": _("Decision on %(call)s") % {"call": call},
        "kind": _("Proposal from the ranked list") if form.is_proposal else _("Draft"),
        "facts": _facts(call, form, by or user),
        "rules": [f"{rule.label}: {rule.in_words()}" for rule in rules_of(call)],
        "groups": [
            {
                "heading": f"{HEADINGS[outcome]}: {len(lines)}",
                "lines": [_line(line, projects[line.project.pk], form) for line in lines],
            }
            for outcome, lines in form.groups.items()
            if lines
        ],
        "countries": [
            [
                country.name,
                str(row["led"]),
                str(row["funded"]),
                eur(row["award"]),
                str(row["partners"]),
            ]
            for country, row in form.countries()
        ],
    }


def _facts(call: Call, form: DraftForm, by: User | None) -> list[list[str]]:
    """The facts of the decision, its sums and declared conflicts of interest, with labels."""
    decision, sums = call.recorded_decision() or Decision(call=call), form.sums
    day = decision.decided_on
    values = {
        "body": decision.body,
        "mode": decision.get_mode_display(),
        "meeting": decision.meeting,
        "decided_on": describe(day, Precision.DAY) if day else "",
    }
    money = [
        (_("Budget"), call.budget_eur),
        (_("Awarded before"), form.draft.awarded_before),
        (_("Awards"), sums["spent"]),
        (_("Over the budget"), sums["over"]),
        (_("Free"), None if sums["over"] else sums["left"]),
    ]
    facts = [[str(label), str(values[name])] for name, label in HEAD.items() if values[name]]
    facts += [[label, eur(amount)] for label, amount in money if amount]
    return facts + [[_("Conflict of interest"), row] for row in declared_conflicts(call, by)]


def _line(line: LineForm, project: Project, form: DraftForm) -> dict[str, object]:
    requested, lead, award = project.requested_eur, project.lead(), line.values().get("award_eur")
    place, reason = line.values().get("reserve_place"), line.values().get("reason")
    if line.group() == Outcome.REJECTED:
        reason = reason or form["reason_for_all"].value()
    outcome = [
        eur(award) if award is not None else "",
        _("place %(place)d") % {"place": place} if place else "",
        line.tag,
        reason,
        *line.conditions(),
    ]
    return {
        "rank": str(line.rank or "–"),
        "reference": project.reference,
        "title": project.title,
        "result": str(line.result or "–"),
        "requested": eur(requested) if requested is not None else "–",
        # The layout ends the sentence.
        "outcome": "; ".join(filter(None, outcome)).rstrip("."),
        "lead": str(lead.partner or "–") if lead else "–",
        "countries": ", ".join(sorted({row.country_id for row in project.partnerships.all()})),
        "summary": project.summary,
        "rules": [
            f"{finding.rule.label}: {finding.verdict.label}. {finding.working}"
            for finding in check_rules(project)
            if finding.verdict != Verdict.MET
        ],
    }


def paper_as_pdf(facts: dict[str, object]) -> bytes:
    return compile_pdf(LAYOUT, {"paper": json.dumps(facts)})


# Frozen evidence


def freeze_decision(call: Call, projects: Iterable[Project], by: User) -> None:
    """Freeze committee paper, ranked list and lines of the decision on these projects."""
    freeze(EvidenceKind.PAPER, call, paper_facts(call, None, by), by)
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


def frozen_decision(call: Call) -> dict[str, Any]:
    """The evidence of the last decision, its lines, and how many differ today; {} without one.

    A line is reference, outcome and award, then status and award of today if they differ.
    """
    evidence = call.evidence.filter(kind=EvidenceKind.DECISION).first()
    if evidence is None:
        return {}
    projects = {row.reference: row for row in call.projects.all()}
    lines = []
    for row in json.loads(evidence.content)["lines"]:
        award = None if row["award_eur"] is None else Decimal(row["award_eur"])
        today = _today(projects.get(row["reference"]), row["outcome"], award)
        lines.append((row["reference"], str(Outcome(row["outcome"]).label), award, today))
    differ = sum(bool(today) for *_line, today in lines)
    return {"evidence": evidence, "lines": lines, "differ": differ}


def frozen_paper(call: Call, user: User) -> dict[str, Any] | None:
    """The facts of the last frozen committee paper; None without one.

    It has all results, so accounts to which an assessment of the call is closed do not see it.
    """
    of_call = Assessment.objects.filter(project__call=call)
    evidence = call.evidence.filter(kind=EvidenceKind.PAPER).first()
    if evidence is None or not of_call.are_visible_to(user):
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
