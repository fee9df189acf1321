"""The progress of the assessment of a call, and its ranked list."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from projects.assessment import ranking
from projects.assessment.assignment import assessors, hint, missing
from projects.assessment.consensus import DISAGREEMENT, disagreements
from projects.models import (
    Assessment,
    Call,
    Consensus,
    Declaration,
    Project,
    ProjectStatus,
    Recommendation,
    Score,
)
from projects.models.choices import FUNDED_STATUSES
from projects.models.project_querysets import LONG_TEXTS

# A decided application keeps its place in the list.
ASSESSED = [ProjectStatus.RESERVE, ProjectStatus.REJECTED, *FUNDED_STATUSES]


def applications(call: Call) -> QuerySet[Project]:
    """The eligible applications of a call, and the decided ones with an assessment."""
    assessed = Exists(Assessment.objects.filter(project=OuterRef("pk")))
    return (
        call.projects.filter(Q(status=ProjectStatus.ELIGIBLE) | Q(assessed, status__in=ASSESSED))
        .select_related("call")
        .defer(*LONG_TEXTS)
        .order_by("reference")
    )


def not_assessed(call: Call) -> QuerySet[Project]:
    """The eligible applications without a complete assessment, in a call with criteria.

    An application is assessed once enough assessors have submitted, or a consensus is recorded.
    """
    eligible = call.projects.filter(status=ProjectStatus.ELIGIBLE, consensus__isnull=True)
    if not call.criteria.exists():
        return eligible.none()
    submitted = Q(
        assessments__in=Assessment.objects.counting(), assessments__submitted_at__isnull=False
    )
    counted = eligible.annotate(submitted=Count("assessments", filter=submitted))
    return counted.filter(submitted__lt=call.assessors_needed).order_by("reference")


# Progress


@dataclass
class Progress:
    """The assessments of one application, with the numbers of submitted and missing ones."""

    project: Project
    assessments: list[Assessment]
    done: int
    missing: int
    hints: list[str]

    @property
    def counting(self) -> int:
        return sum(row.declaration != Declaration.CONFLICT for row in self.assessments)


@dataclass
class Burden:
    """The numbers of applications of this call that one account assesses."""

    account: User
    assigned: int = 0
    done: int = 0
    conflicts: int = 0


def progress(call: Call) -> list[Progress]:
    """The progress of each application, without points and comments."""
    rows = applications(call).prefetch_related(
        Prefetch(
            "assessments",
            queryset=Assessment.objects.select_related("assessor").order_by("pk"),
        ),
        "partnerships__partner",
    )
    return [_progress_of(project) for project in rows]


def _progress_of(project: Project) -> Progress:
    rows = list(project.assessments.all())
    hints = [(row.assessor, hint(row.assessor, project)) for row in rows]
    return Progress(
        project,
        rows,
        sum(row.submitted_at is not None for row in rows),
        missing(project) if project.status == ProjectStatus.ELIGIBLE else 0,
        [
            _("The address of %(assessor)s is that of “%(partner)s”.")
            % {"assessor": account, "partner": partner}
            for account, partner in hints
            if partner
        ],
    )


def burdens(rows: Iterable[Progress]) -> list[Burden]:
    """The burdens of all accounts that can assess or have an assessment."""
    by_account = {account.pk: Burden(account) for account in assessors()}
    for row in [assessment for progress in rows for assessment in progress.assessments]:
        burden = by_account.setdefault(row.assessor_id, Burden(row.assessor))
        if row.declaration == Declaration.CONFLICT:
            burden.conflicts += 1
        else:
            burden.assigned += 1
            burden.done += row.submitted_at is not None
    return list(by_account.values())


# The ranked list


@dataclass
class Ranked:
    """One application in the ranked list. Applications without a result are at the end."""

    project: Project
    done: int
    counting: int
    is_closed: bool  # to this account, which assesses the application too
    mean: Fraction | None = None
    adjusted: Fraction | None = None
    spread: tuple[Fraction, Fraction] | None = None
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

    def disagreement(self) -> str:
        """A sentence about a large difference between the assessors; "" without one."""
        if not self.spread:
            return ""
        low, high = (ranking.rounded(end) for end in self.spread)
        return _("The assessors differ by more than %(most)d points: %(low)s and %(high)s.") % {
            "most": DISAGREEMENT,
            "low": low,
            "high": high,
        }

    def why_not_ranked(self) -> str:
        if self.is_closed:
            return _(
                "You assess this application or have a conflict of interest: its result is hidden."
            )
        return _("No assessment is submitted yet.")


@dataclass
class RankedList:
    """All applications of a call, the best first, and how many the budget covers."""

    call: Call
    rows: list[Ranked]
    fitting: int | None  # the number of first rows that the budget covers; None without a budget

    def money(self) -> str:
        """How far the budget goes, in a sentence."""
        if self.fitting is None:
            return _("The call has no budget.")
        ranked = [row for row in self.rows if row.place]
        if self.fitting == len(ranked):
            return _("The budget covers all ranked applications.")
        if ranked[self.fitting].total is None:
            return _("An amount requested is missing here, so the totals end.")
        if self.fitting and ranked[self.fitting - 1].place == ranked[self.fitting].place:
            return _("The budget ends here, between applications with the same result.")
        return _("The budget ends here: the next application requests more than the remainder.")


def ranked_list(call: Call, user: User) -> RankedList:
    """The ranked list, without the results that this account may not read."""
    rows = {project.pk: project for project in _with_results(call, user)}
    percents = [percent for project in rows.values() for percent in _percents(project)]
    means, adjusted, spreads = (
        ranking.means(percents),
        ranking.adjusted(percents),
        disagreements(percents),
    )
    ranked = [
        _ranked(project, means.get(key), adjusted.get(key), spreads.get(key))
        for key, project in rows.items()
    ]
    return _in_order(call, ranked)


def _with_results(call: Call, user: User) -> QuerySet[Any]:
    visible = Assessment.objects.visible_to(user)
    scores = Prefetch("scores", queryset=Score.objects.select_related("criterion"))
    readable = visible.filter(submitted_at__isnull=False).prefetch_related(scores)
    agreed = Consensus.objects.visible_to(user)
    closed = Assessment.objects.filter(project=OuterRef("pk")).exclude(pk__in=visible.values("pk"))
    return (
        applications(call)
        .annotate(is_closed=Exists(closed))
        .prefetch_related(
            "assessments",
            Prefetch("assessments", to_attr="readable", queryset=readable),
            Prefetch("consensus", to_attr="readable_consensus", queryset=agreed),
        )
    )


def _percents(project: Any) -> Iterable[ranking.AssessorPercent]:
    for row in project.readable:
        if (percent := percent_of(row)) is not None:
            yield ranking.AssessorPercent(project.pk, row.assessor_id, percent)


def percent_of(assessment: Assessment) -> Fraction | None:
    """The result of a submitted assessment in per cent, from the loaded scores."""
    return ranking.percent_of(
        ranking.Points(score.points or 0, score.criterion.maximum, score.criterion.weight)
        for score in assessment.scores.all()
    )


def _ranked(
    project: Any,
    mean: Fraction | None,
    adjusted: Fraction | None,
    spread: tuple[Fraction, Fraction] | None,
) -> Ranked:
    rows = project.assessments.all()
    counting = [row for row in rows if row.declaration != Declaration.CONFLICT]
    consensus = getattr(project, "readable_consensus", None)
    if project.is_closed:
        mean = adjusted = spread = consensus = None
    assessments = [] if project.is_closed else project.readable
    advisers = [consensus] if consensus else assessments
    return Ranked(
        project,
        sum(row.submitted_at is not None for row in counting),
        len(counting),
        project.is_closed,
        mean,
        adjusted,
        spread,
        consensus,
        [str(Recommendation(row.recommendation).label) for row in advisers],
    )


def _in_order(call: Call, rows: list[Ranked]) -> RankedList:
    with_result = [(row.result, row) for row in rows if row.result is not None]
    with_result.sort(key=lambda pair: (-pair[0], pair[1].project.reference))
    ranked = [row for _result, row in with_result]
    totals = ranking.running_totals(row.project.requested_eur for row in ranked)
    budget = call.budget_eur
    fitting = None if budget is None else ranking.number_that_fit(totals, budget)
    places = ranking.places([result for result, _row in with_result])
    for number, (row, place, total) in enumerate(zip(ranked, places, totals, strict=True)):
        row.place, row.total = place, total
        row.fits = None if fitting is None else number < fitting
    return RankedList(call, ranked + [row for row in rows if row.place is None], fitting)


def by_criterion(assessments: Iterable[Assessment]) -> dict[int, dict[int, Score]]:
    """The scores of several assessments, by the keys of the criterion and the assessment."""
    by_key: dict[int, dict[int, Score]] = defaultdict(dict)
    for assessment in assessments:
        for score in assessment.scores.all():
            by_key[score.criterion_id][assessment.pk] = score
    return by_key
