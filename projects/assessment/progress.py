"""The progress of the assessment of a call."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from projects.assessment.assignment import assessors, hint, missing
from projects.models import Assessment, Call, Project, ProjectStatus
from projects.models.choices import FUNDED_STATUSES
from projects.models.projects import LONG_TEXTS, ProjectQuerySet

# A decided application keeps its place in the list.
ASSESSED = [ProjectStatus.RESERVE, ProjectStatus.REJECTED, *FUNDED_STATUSES]


def applications(call: Call) -> ProjectQuerySet:
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
    submitted = Q(assessments__submitted_at__isnull=False)
    counted = eligible.annotate(submitted=Count("assessments", filter=submitted))
    return counted.filter(submitted__lt=call.assessors_needed).order_by("reference")


@dataclass
class Progress:
    """The assessments of one application, with the numbers of submitted and missing ones.

    `readable` has the keys of the assessments that the account may read.
    """

    project: Project
    assessments: list[Assessment]
    readable: set[int]
    done: int
    missing: int
    hints: list[str]

    @property
    def counting(self) -> int:
        return sum(row.counts() for row in self.assessments)

    def may_read_all(self) -> bool:
        return all(row.pk in self.readable for row in self.assessments)


@dataclass
class Workload:
    """The numbers of applications of this call that one account assesses."""

    account: User
    assigned: int = 0
    done: int = 0
    conflicts: int = 0


def progress(call: Call, user: User) -> list[Progress]:
    """The progress of each application, without points and comments."""
    assessments = Assessment.objects.select_related("assessor").order_by("pk")
    rows = (
        applications(call)
        .with_partners()
        .prefetch_related(Prefetch("assessments", queryset=assessments))
    )
    visible = Assessment.objects.filter(project__call=call).visible_to(user)
    readable = {*visible.values_list("pk", flat=True)}
    return [_progress_of(project, readable) for project in rows]


def _progress_of(project: Project, readable: set[int]) -> Progress:
    rows = list(project.assessments.all())
    return Progress(
        project,
        rows,
        readable,
        sum(row.submitted_at is not None for row in rows),
        missing(project) if project.status == ProjectStatus.ELIGIBLE else 0,
        [*filter(None, [hint(row.assessor, project) for row in rows])],
    )


def workloads(rows: Iterable[Progress]) -> list[Workload]:
    """The workloads of all accounts that can assess or have an assessment."""
    by_account = {account.pk: Workload(account) for account in assessors()}
    for row in [assessment for progress in rows for assessment in progress.assessments]:
        workload = by_account.setdefault(row.assessor_id, Workload(row.assessor))
        workload.assigned += row.counts()
        workload.conflicts += not row.counts()
        workload.done += row.submitted_at is not None
    return list(by_account.values())
