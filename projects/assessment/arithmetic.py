"""The arithmetic of a ranked list, in fractions. Values are rounded only for display."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import takewhile
from statistics import mean
from typing import NamedTuple


class Points(NamedTuple):
    """The points of one assessor for one criterion."""

    points: int
    maximum: int
    weight: int


class AssessorPercent(NamedTuple):
    """The result of one assessor for one application, in per cent of the maximum."""

    project: int
    assessor: int
    percent: Fraction


def weighted_percent(points: Iterable[Points]) -> Fraction | None:
    """The weighted points of all criteria in per cent of the maximum; None without criteria."""
    rows = list(points)
    weights = sum(row.weight for row in rows)
    if not weights:
        return None
    parts = (Fraction(row.weight * row.points, row.maximum) for row in rows)
    return 100 * sum(parts, Fraction(0)) / weights


def means(percents: Iterable[AssessorPercent]) -> dict[int, Fraction]:
    """The mean of the assessors of each application."""
    return {project: mean(values) for project, values in percents_by_project(percents).items()}


def adjusted(percents: Sequence[AssessorPercent]) -> dict[int, Fraction]:
    """The means after strict and mild assessors are adjusted.

    The results of each assessor are shifted so that their average equals the average of all
    results. An assessor with one application is not shifted.
    """
    if not percents:
        return {}
    level = mean(row.percent for row in percents)
    by_assessor: dict[int, list[Fraction]] = defaultdict(list)
    for row in percents:
        by_assessor[row.assessor].append(row.percent)
    shift = {
        assessor: level - mean(values) if len(values) > 1 else 0
        for assessor, values in by_assessor.items()
    }
    return means(row._replace(percent=row.percent + shift[row.assessor]) for row in percents)


def places(ranked: Sequence[Fraction]) -> list[int]:
    """The places of results in descending order. Equal results share a place."""
    first: dict[Fraction, int] = {}
    return [first.setdefault(result, place) for place, result in enumerate(ranked, start=1)]


def running_totals(requested: Iterable[Decimal | None]) -> list[Decimal | None]:
    """The sum of the amounts up to each application; None from an unknown amount on."""
    totals: list[Decimal | None] = []
    total: Decimal | None = Decimal()
    for amount in requested:
        total = None if total is None or amount is None else total + amount
        totals.append(total)
    return totals


def number_that_fit(totals: Iterable[Decimal | None], budget: Decimal) -> int:
    """The number of first applications whose total the budget covers."""
    return len([*takewhile(lambda total: total is not None and total <= budget, totals)])


def rounded(value: Fraction) -> Decimal:
    """Rounded to one decimal place, for display."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


def rounded_if_known(value: Fraction | None) -> Decimal | None:
    return None if value is None else rounded(value)


def percents_by_project(percents: Iterable[AssessorPercent]) -> dict[int, list[Fraction]]:
    by_project: dict[int, list[Fraction]] = defaultdict(list)
    for row in percents:
        by_project[row.project].append(row.percent)
    return by_project
