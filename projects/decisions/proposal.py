"""A decision beside the ranked list: what the list proposes, and what differs from its order."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from projects.assessment.arithmetic import number_that_fit, running_totals
from projects.assessment.ranking import Ranked
from projects.models import Outcome, Project

RESERVE = 3  # applications on the reserve list, unless staff enter another number


class DraftLine(NamedTuple):
    """The proposal for one application."""

    project: Project
    outcome: str  # of Outcome; "" while it is open
    award_eur: Decimal | None = None
    reserve_place: int | None = None
    reason: str = ""
    condition_signature: str = ""
    condition_interim: str = ""
    condition_final: str = ""


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


def propose(ranked: Sequence[Ranked], fund: int, reserve: int, first_place: int) -> list[DraftLine]:
    """Fund the first applications of the ranked list, reserve the next ones, reject the rest."""
    lines = []
    for position, row in enumerate(ranked):
        if position < fund:
            line = DraftLine(row.project, Outcome.FUNDED, possible_award(row.project))
        elif position < fund + reserve:
            place = first_place + position - fund
            line = DraftLine(row.project, Outcome.RESERVE, reserve_place=place)
        else:
            line = DraftLine(row.project, Outcome.REJECTED)
        lines.append(line)
    return lines


def tags_of_differences(rows: Sequence[tuple[str, int | None]]) -> list[str]:
    """What differs from the ranked list, such as “after rank 9”; "" for a row as ranked.

    Each row has an outcome and a rank, in the order of the draft. Equal ranks and rows without an
    outcome or a rank never differ. `decision.js` has the same rule for a draft that is edited.
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
