"""The ranked list of a call: results, order, and how far the budget goes."""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.utils.translation import gettext as _

from projects.assessment import arithmetic
from projects.assessment.assignment import assessed_applications
from projects.assessment.consensus import disagreement
from projects.models import Assessment, Call, Consensus, Project, Recommendation, Score


@dataclass
class Ranked:
    """One application in the ranked list. Applications without a result are at the end."""

    project: Project
    done: int
    counting: int
    is_closed: bool  # to this account, which assesses the application too
    mean: Fraction | None = None
    adjusted: Fraction | None = None
    percents: list[Fraction] = field(default_factory=list)  # of each assessor
    consensus: Consensus | None = None
    recommendations: list[str] = field(default_factory=list)
    place: int | None = None
    total: Decimal | None = None
    fits: bool | None = None

    @property
    def result(self) -> Fraction | None:
        """The value that decides the place: the consensus, otherwise the mean of the assessors."""
        if self.consensus and self.consensus.agreed_percent is not None:
            return Fraction(self.consensus.agreed_percent)
        return self.mean

    @property
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

    call: Call
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
    results = _results(submitted)
    means, adjusted = arithmetic.means(results.values()), arithmetic.adjusted([*results.values()])
    by_project = arithmetic.percents_by_project(results.values())
    readable = {*submitted.values_list("pk", flat=True)}
    rows = [
        _ranked(
            project,
            [row for row in project.assessments.all() if row.pk in readable],
            means.get(project.pk),
            adjusted.get(project.pk),
            by_project.get(project.pk, []),
        )
        for project in _with_assessments(call, visible, agreed)
    ]
    return _in_order(call, rows)


def has_closed_assessments(call: Call, user: User) -> bool:
    """Whether an assessment of the call is closed to this account."""
    assessments = Assessment.objects.filter(project__call=call)
    return assessments.exclude(pk__in=assessments.visible_to(user).values("pk")).exists()


def _with_assessments(call: Call, visible: QuerySet[Any], agreed: QuerySet[Any]) -> QuerySet[Any]:
    closed = Assessment.objects.filter(project=OuterRef("pk")).exclude(pk__in=visible.values("pk"))
    assessments = Assessment.objects.defer("comment", "conflict").order_by("pk")
    return (
        assessed_applications(call)
        .annotate(is_closed=Exists(closed))
        .prefetch_related(
            Prefetch("assessments", queryset=assessments),
            Prefetch("consensus", to_attr="readable_consensus", queryset=agreed),
        )
    )


def _results(assessments: QuerySet[Assessment]) -> dict[int, arithmetic.AssessorPercent]:
    """The results of these assessments by key. A call can have thousands of scores."""
    points = defaultdict[tuple[int, int, int], list[arithmetic.Points]](list)
    scores = Score.objects.filter(assessment__in=assessments.values("pk")).order_by("pk")
    keys = ["assessment", "assessment__project", "assessment__assessor"]
    values = ["points", "criterion__maximum", "criterion__weight"]
    for *key, given, maximum, weight in scores.values_list(*keys, *values):
        points[tuple(key)].append(arithmetic.Points(given or 0, maximum, weight))
    results = {key: arithmetic.weighted_percent(rows) for key, rows in points.items()}
    return {
        key: arithmetic.AssessorPercent(project, assessor, percent)
        for (key, project, assessor), percent in results.items()
        if percent is not None
    }


def assessment_percent(assessment: Assessment) -> Fraction | None:
    """The result of a submitted assessment in per cent, from the loaded scores."""
    return arithmetic.weighted_percent(
        arithmetic.Points(score.points or 0, score.criterion.maximum, score.criterion.weight)
        for score in assessment.scores.all()
    )


def _ranked(
    project: Any,
    readable: list[Assessment],
    mean: Fraction | None,
    adjusted: Fraction | None,
    percents: list[Fraction],
) -> Ranked:
    counting = [row for row in project.assessments.all() if row.counts()]
    consensus = getattr(project, "readable_consensus", None)
    if project.is_closed:
        mean = adjusted = consensus = None
        readable, percents = [], []
    advisers = [consensus] if consensus else readable
    return Ranked(
        project,
        sum(row.submitted_at is not None for row in counting),
        len(counting),
        project.is_closed,
        mean,
        adjusted,
        percents,
        consensus,
        [str(Recommendation(row.recommendation).label) for row in advisers],
    )


def _in_order(call: Call, rows: list[Ranked]) -> RankedList:
    with_result = [(row.result, row) for row in rows if row.result is not None]
    with_result.sort(key=lambda pair: (-pair[0], pair[1].project.reference))
    ranked = [row for _result, row in with_result]
    totals = arithmetic.running_totals(row.project.requested_eur for row in ranked)
    budget = call.budget_eur
    fitting = None if budget is None else arithmetic.number_that_fit(totals, budget)
    places = arithmetic.places([result for result, _row in with_result])
    for number, (row, place, total) in enumerate(zip(ranked, places, totals, strict=True)):
        row.place, row.total = place, total
        row.fits = None if fitting is None else number < fitting
    return RankedList(call, ranked + [row for row in rows if row.place is None], fitting)
