"""The draft of a decision: a line for each eligible application, as the ranked list proposes it."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _, gettext_lazy

from projects.assessment.ranking import Ranked, number_that_fit, running_totals
from projects.decisions.blockers import award_warnings
from projects.eligibility.award_limits import amount_error, awarded_total
from projects.models import Call, Decision, DecisionLine, Outcome, Project, ProjectStatus
from projects.models.decisions import CONDITIONS, PROPOSED
from projects.models.projects import LONG_TEXTS
from projects.permissions import DECIDE, require
from psf.database.record_version import bump_version, lock
from psf.history import recording
from psf.history.models import Channel

RESERVE = 3  # applications on the reserve list, unless staff enter another number


def line_of(project: Project) -> DecisionLine | None:
    return getattr(project, "decision_line", None)


def possible_award(project: Project) -> Decimal | None:
    """The amount requested, at most the ceiling of the call; None if none is known."""
    amounts = [project.requested_eur, project.call.ceiling_eur]
    if project.requested_eur is None:
        return None
    return min(amount for amount in amounts if amount is not None)


def number_of_funded(ranked: Iterable[Ranked], free: Decimal | None) -> int:
    """How many applications the free money covers, from the top of the ranked list."""
    totals = running_totals(possible_award(row.project) for row in ranked)
    return 0 if free is None else number_that_fit(totals, free)


def propose(
    ranked: Sequence[Ranked], fund: int, reserve: int, first_place: int
) -> list[DecisionLine]:
    """Fund the first applications of the ranked list, reserve the next ones, reject the rest."""
    lines = []
    for position, row in enumerate(ranked):
        if position < fund:
            line = DecisionLine(outcome=Outcome.FUNDED, award_eur=possible_award(row.project))
        elif position < fund + reserve:
            place = first_place + position - fund
            line = DecisionLine(outcome=Outcome.RESERVE, reserve_place=place)
        else:
            line = DecisionLine(outcome=Outcome.REJECTED)
        line.project = row.project
        lines.append(line)
    return lines


def tags_of_differences(rows: Sequence[tuple[str, int | None]]) -> list[str]:
    """What differs from the ranked list, such as “after rank 9”; "" for a row as ranked.

    Each row has an outcome and a rank, in the order of the draft. Equal ranks and rows without an
    outcome or a rank never differ.
    """
    positions = [position for position, (outcome, rank) in enumerate(rows) if outcome and rank]
    ranks: list[Any] = [rows[position][1] for position in positions]
    slots = [
        (rows[position][0], index if rows[position][0] == Outcome.RESERVE else 0)
        for index, position in enumerate(positions)
    ]
    in_order = sorted(range(len(positions)), key=ranks.__getitem__)
    tags = [""] * len(rows)
    for expected, index in enumerate(in_order):
        if slots[expected] == slots[index]:
            continue
        if index < expected:
            tags[positions[index]] = _("before rank %(rank)d") % {"rank": min(ranks[index + 1 :])}
        else:
            tags[positions[index]] = _("after rank %(rank)d") % {"rank": max(ranks[:index])}
    return tags


ORDER = [Outcome.FUNDED, Outcome.RESERVE, "", Outcome.REJECTED]
# The facts of the decision on the page of its draft, with their labels there.
HEAD = {
    "body": gettext_lazy("Body"),
    "mode": gettext_lazy("Procedure"),
    "meeting": gettext_lazy("Meeting"),
    "decided_on": gettext_lazy("Day"),
}


class Draft(NamedTuple):
    """The applications with their stored lines, the funded ones first, and the sums in EUR."""

    rows: list[Project]
    awarded_before: Decimal  # to projects of this call that are funded already
    proposed: Decimal
    budget: Decimal | None
    warnings: list[str]

    def total(self) -> Decimal:
        return self.awarded_before + self.proposed

    def free(self) -> Decimal | None:
        """The budget for the draft; None without a budget."""
        return None if self.budget is None else self.budget - self.awarded_before


def load_draft(call: Call) -> Draft:
    """The proposals for the eligible applications of the call."""
    projects = (
        call.projects.filter(status=ProjectStatus.ELIGIBLE)
        .select_related("call", "decision_line")
        .prefetch_related("partnerships__country")
        .defer(*LONG_TEXTS)
        .order_by("reference")
    )
    pairs = [(project, line_of(project) or DecisionLine(outcome="")) for project in projects]
    pairs.sort(key=lambda pair: (ORDER.index(pair[1].outcome), pair[1].reserve_place or 0))
    rows = [project for project, _line in pairs]
    proposed = sum((line.award_eur or Decimal() for _project, line in pairs), Decimal())
    warnings = [
        f"{project.reference}: {warning}"
        for project, line in pairs
        for warning in award_warnings(project, line.award_eur)
    ]
    return Draft(rows, awarded_total(call), proposed, call.budget_eur, warnings)


def save_draft(
    call: Call, lines: Iterable[DecisionLine], by: User, head: Mapping[str, object] | None = None
) -> bool:
    """Replace the draft, and return whether its lines differ. A line without an outcome is open.

    `head` has the body, procedure, meeting and day of the decision. Who saves the same lines is
    not the author of the draft, unless it has no author or several. The draft may exceed the
    budget. Only applying the decision refuses the sum.
    Raises `ValidationError` with a sentence for each wrong line.
    """
    require(by, DECIDE)
    with recording.change_set(by, channel=Channel.DECISION):
        call = lock(Call.objects.filter(pk=call.pk))[0]
        eligible = {
            project.pk: project
            for project in lock(call.projects.filter(status=ProjectStatus.ELIGIBLE))
        }
        lines = list(lines)
        rows = [line for line in lines if line.outcome]
        for row in rows:
            _prepare(row, eligible, by)
        errors = [error for row in rows for error in _line_errors(call, row)]
        errors += [
            _("%(project)s: Choose an outcome, or empty award, place and reason.")
            % {"project": line.project.reference}
            for line in lines
            if not line.outcome and (line.award_eur or line.reserve_place or line.reason)
        ]
        if errors := [*errors, *_place_errors(call, rows)]:
            raise ValidationError(errors)
        differs = _store(eligible, rows)
        if _store_head(call, by if differs else None, head or {}) or differs:
            bump_version(Call, [call.pk])
        return differs


def _store_head(call: Call, author: User | None, head: Mapping[str, object]) -> bool:
    """Write the facts of the decision, and its author if there is one. Return whether it did."""
    decision = Decision.objects.filter(call=call).first() or Decision(call=call)
    values = dict(head)
    if author:
        values |= {"prepared_by": author, "decided_by_two": call.decided_by_two}
    changed = {name: value for name, value in values.items() if getattr(decision, name) != value}
    if not changed:
        return False
    for name, value in changed.items():
        setattr(decision, name, value)
    fields = Decision._meta.get_fields()
    decision.clean_fields(exclude=[field.name for field in fields if field.name not in changed])
    decision.validate_constraints()
    decision.save()
    return True


def _prepare(line: DecisionLine, eligible: Mapping[int, Project], by: User) -> None:
    if line.project_id not in eligible:
        raise ValidationError(
            _("%(project)s is no longer eligible. Nothing was saved: load the page again.")
            % {"project": line.project.reference}
        )
    line.proposed_by = by
    for name in ["reason", *CONDITIONS]:
        setattr(line, name, getattr(line, name).strip())


def _line_errors(call: Call, row: DecisionLine) -> list[str]:
    errors = [amount_error(call, row.award_eur)]
    try:
        row.clean_fields(exclude=["project"])
        row.validate_constraints(exclude=["project"])
    except ValidationError as error:
        errors += error.messages
    return [f"{row.project.reference}: {sentence}" for sentence in errors if sentence]


def _place_errors(call: Call, rows: list[DecisionLine]) -> list[str]:
    """Sentences about places that two applications have, also those of the applied decision."""
    reserve = DecisionLine.objects.filter(project__call=call, project__status=ProjectStatus.RESERVE)
    places = [row.reserve_place for row in [*reserve, *rows] if row.reserve_place is not None]
    return [
        _("Two applications have place %(place)d on the reserve list.") % {"place": place}
        for place in sorted(set(places))
        if places.count(place) > 1
    ]


def _proposals(lines: Iterable[DecisionLine]) -> set[tuple[object, ...]]:
    return {(line.project_id, *(getattr(line, name) for name in PROPOSED)) for line in lines}


def _store(eligible: Mapping[int, Project], rows: Iterable[DecisionLine]) -> bool:
    """Write the lines, unless they are stored and have one author. Return whether it wrote them."""
    stored_lines = {
        line.project_id: line for line in DecisionLine.objects.filter(project__in=eligible)
    }
    authors = {line.proposed_by_id for line in stored_lines.values()}
    has_author = len(authors) == 1 and None not in authors
    if has_author and _proposals(rows) == _proposals(stored_lines.values()):
        return False
    for row in rows:
        line = stored_lines.pop(row.project_id, None)
        row.pk = line.pk if line else None
        row.save()
    DecisionLine.objects.filter(pk__in=[line.pk for line in stored_lines.values()]).delete()
    return True
