"""The arithmetic of a ranked list, in fractions, so that nothing is rounded before it is shown."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any, NamedTuple

DISAGREEMENT = 20  # per cent points between two assessors: more are pointed out


class Points(NamedTuple):
    """What one assessor gave by one criterion."""

    points: int
    maximum: int
    weight: int


class Given(NamedTuple):
    """What one assessor gave to one application, in per cent of the maximum."""

    project: Any
    assessor: Any
    percent: Fraction


def percent_of(given: Iterable[Points]) -> Fraction | None:
    """All points together, each criterion counting by its weight, whatever its scale.

    None without any criterion.
    """
    rows = list(given)
    weights = sum(row.weight for row in rows)
    if not weights:
        return None
    parts = (Fraction(row.weight * row.points, row.maximum) for row in rows)
    return 100 * sum(parts, Fraction(0)) / weights


def mean(values: Sequence[Fraction]) -> Fraction:
    return sum(values, Fraction(0)) / len(values)


def means(given: Iterable[Given]) -> dict[Any, Fraction]:
    """The mean of the assessors of each application."""
    return {project: mean(values) for project, values in _by_project(given).items()}


def adjusted(given: Sequence[Given]) -> dict[Any, Fraction]:
    """The means once strict and mild assessors are put on one level.

    What each assessor gave is moved so that their own average lies at the average of all that was
    given. Who gave to one application only has no average to speak of, and is taken as is.
    """
    if not given:
        return {}
    level = mean([row.percent for row in given])
    own: dict[Any, list[Fraction]] = defaultdict(list)
    for row in given:
        own[row.assessor].append(row.percent)
    shift = {who: level - mean(all_) if len(all_) > 1 else 0 for who, all_ in own.items()}
    return means(row._replace(percent=row.percent + shift[row.assessor]) for row in given)


def spreads(given: Iterable[Given]) -> dict[Any, tuple[Fraction, Fraction]]:
    """The least and the most that each application was given, where these lie far apart."""
    ends = {project: (min(all_), max(all_)) for project, all_ in _by_project(given).items()}
    return {project: (low, high) for project, (low, high) in ends.items() if far(low, high)}


def far(low: Fraction, high: Fraction) -> bool:
    return high - low > DISAGREEMENT


def places(ranked: Sequence[Fraction]) -> list[int]:
    """The places of results in their order, the best first: equal ones share a place."""
    return [ranked.index(result) + 1 for result in ranked]


def running_totals(requested: Iterable[Decimal | None]) -> list[Decimal | None]:
    """What each application asks for together with all above it; None from an unknown amount on."""
    totals: list[Decimal | None] = []
    total: Decimal | None = Decimal()
    for amount in requested:
        total = None if total is None or amount is None else total + amount
        totals.append(total)
    return totals


def number_that_fit(totals: Iterable[Decimal | None], budget: Decimal) -> int:
    """How many applications the budget pays: the first ones, until one is too much."""
    fitting = 0
    for total in totals:
        if total is None or total > budget:
            break
        fitting += 1
    return fitting


def rounded(value: Fraction) -> Decimal:
    """To one digit after the point, as it is shown."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


def _by_project(given: Iterable[Given]) -> dict[Any, list[Fraction]]:
    found: dict[Any, list[Fraction]] = defaultdict(list)
    for row in given:
        found[row.project].append(row.percent)
    return found
