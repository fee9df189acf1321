"""The ranked list of a call: results, order, and how far the budget goes.

Results are fractions. They are rounded only for display.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import takewhile
from statistics import mean
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.utils.translation import gettext as _

from projects.assessment.assignment import assessed_applications
from projects.models import Assessment, Call, Consensus, Project, Recommendation, Score

DISAGREEMENT = 20  # the largest ordinary difference between two assessors, in per cent points


# Arithmetic


class AssessorPercent(NamedTuple):
    """The result of one assessor for one application, in per cent of the maximum."""

    project: int
    assessor: int
    percent: Fraction


def weighted_percent(scores: Iterable[tuple[int, int, int]]) -> Fraction:
    """The weighted points in per cent of the maximum. A score is points, maximum and weight."""
    rows = list(scores)
    parts = (Fraction(weight * points, maximum) for points, maximum, weight in rows)
    return 100 * sum(parts, Fraction(0)) / sum(weight for _points, _maximum, weight in rows)


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
    shifted: dict[int, list[Fraction]] = defaultdict(list)
    for row in percents:
        shifted[row.project].append(row.percent + shift[row.assessor])
    return {project: mean(values) for project, values in shifted.items()}


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


def rounded(value: Fraction | None) -> Decimal | None:
    """Rounded to one decimal place, for display."""
    if value is None:
        return None
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


def disagreement(percents: Sequence[Fraction]) -> str:
    """A sentence about a large difference between the assessors of an application; "" for none."""
    if not percents or max(percents) - min(percents) <= DISAGREEMENT:
        return ""
    return _("The assessors differ by more than %(most)d points: %(low)s and %(high)s.") % {
        "most": DISAGREEMENT,
        "low": rounded(min(percents)),
        "high": rounded(max(percents)),
    }


# The list


@dataclass
class Ranked:
    """One application in the ranked list. Applications without a result are at the end."""

    project: Project
    done: int
    counting: int
    is_closed: bool  # to this account, which assesses the application too
    percents: list[Fraction]  # of each assessor
    adjusted: Fraction | None
    consensus: Consensus | None
    recommendations: list[str] = field(default_factory=list)
    place: int | None = None
    total: Decimal | None = None
    fits: bool | None = None

    @property
    def mean(self) -> Fraction | None:
        return mean(self.percents) if self.percents else None

    @property
    def result(self) -> Fraction | None:
        """The value that decides the place: the consensus, otherwise the mean of the assessors."""
        if self.consensus and self.consensus.agreed_percent is not None:
            return Fraction(self.consensus.agreed_percent)
        return self.mean

    def shown(self) -> dict[str, Decimal | None]:
        return {name: rounded(getattr(self, name)) for name in ["result", "mean", "adjusted"]}

    def disagreement(self) -> str:
        return disagreement(self.percents)

    def why_not_ranked(self) -> str:
        if self.is_closed:
            return _(
                "You assess this application or have a conflict of interest. Its result is hidden, "
                "and the places and totals leave it out."
            )
        return _("No assessment is submitted yet.")


@dataclass
class RankedList:
    """All applications of a call, the best first, and how many the budget covers."""

    rows: list[Ranked]
    fitting: int | None  # the number of first rows that the budget covers; None without a budget

    def has_line(self) -> bool:
        """Whether a ranked application comes after those that the budget covers."""
        return self.fitting is not None and any(row.place for row in self.rows[self.fitting :])

    def money(self) -> str:
        """How far the budget goes, in a sentence."""
        if self.fitting is None:
            return _("The call has no budget.")
        ranked = [row for row in self.rows if row.place]
        if not ranked:
            return _("No application is ranked yet.")
        if self.fitting == len(ranked):
            return _("The budget covers all ranked applications.")
        if ranked[self.fitting].total is None:
            return _("An amount requested is missing here, so the totals end.")
        if self.fitting and ranked[self.fitting - 1].place == ranked[self.fitting].place:
            return _("The budget ends here, between applications with the same result.")
        return _("The budget ends here: the next application requests more than the remainder.")


def ranked_list(call: Call, user: User | None) -> RankedList:
    """The ranked list without the results that this account may not read; None may read all."""
    visible, agreed = Assessment.objects.filter(project__call=call), Consensus.objects.all()
    if user:
        visible, agreed = visible.visible_to(user), agreed.visible_to(user)
    submitted = visible.filter(submitted_at__isnull=False)
    results = results_of(submitted)
    of_call, by_project = adjusted([*results.values()]), defaultdict[int, list[Fraction]](list)
    for result in results.values():
        by_project[result.project].append(result.percent)
    readable, rows = {*submitted.values_list("pk", flat=True)}, []
    for project in _with_assessments(call, visible, agreed):
        counting = [row for row in project.assessments.all() if row.counts()]
        row = Ranked(
            project,
            done=sum(row.submitted_at is not None for row in counting),
            counting=len(counting),
            is_closed=project.is_closed,
            percents=[] if project.is_closed else by_project[project.pk],
            adjusted=None if project.is_closed else of_call.get(project.pk),
            consensus=None if project.is_closed else getattr(project, "readable_consensus", None),
        )
        if not row.is_closed:
            advisers = [row for row in counting if row.pk in readable]
            given = [row.consensus.recommendation] if row.consensus else []
            given = given or [row.recommendation for row in advisers]
            row.recommendations = [str(Recommendation(value).label) for value in given]
        rows.append(row)
    return _in_order(call, rows)


def _with_assessments(call: Call, visible: QuerySet[Any], agreed: QuerySet[Any]) -> QuerySet[Any]:
    closed = Assessment.objects.filter(project=OuterRef("pk")).exclude(pk__in=visible.values("pk"))
    assessments = Assessment.objects.select_related("assessor").defer("comment", "conflict")
    return (
        assessed_applications(call)
        .annotate(is_closed=Exists(closed))
        .prefetch_related(
            Prefetch("assessments", queryset=assessments.order_by("pk")),
            Prefetch("consensus", to_attr="readable_consensus", queryset=agreed),
        )
    )


def results_of(assessments: QuerySet[Assessment]) -> dict[int, AssessorPercent]:
    """The results of these assessments by key. A call can have thousands of scores."""
    scores = Score.objects.filter(assessment__in=assessments.values("pk")).order_by("pk")
    keys = ["assessment", "assessment__project", "assessment__assessor"]
    values = ["points", "criterion__maximum", "criterion__weight"]
    points = defaultdict[tuple[int, int, int], list[tuple[int, int, int]]](list)
    for *key, given, maximum, weight in scores.values_list(*keys, *values):
        points[tuple(key)].append((given or 0, maximum, weight))
    return {
        key: AssessorPercent(project, assessor, weighted_percent(rows))
        for (key, project, assessor), rows in points.items()
    }


def _in_order(call: Call, rows: list[Ranked]) -> RankedList:
    with_result = [(row.result, row) for row in rows if row.result is not None]
    with_result.sort(key=lambda pair: (-pair[0], pair[1].project.reference))
    ranked = [row for _result, row in with_result]
    totals = running_totals(row.project.requested_eur for row in ranked)
    budget = call.budget_eur
    fitting = None if budget is None else number_that_fit(totals, budget)
    in_order = places([result for result, _row in with_result])
    for number, (row, place, total) in enumerate(zip(ranked, in_order, totals, strict=True)):
        row.place, row.total = place, total
        row.fits = None if fitting is None else number < fitting
    return RankedList(ranked + [row for row in rows if row.place is None], fitting)
