"""The records that more than one check reads."""

from typing import Any

from django.db.models import CharField, Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Cast, Coalesce

from partners.models.countries import number_of
from projects.models import Call, Instalment, Project, ProjectStatus, Report, ReportKind
from projects.models.choices import FUNDED_STATUSES
from projects.models.projects import ProjectQuerySet
from psf.history.models import Action, Change, Channel
from psf.history.tracking import kind_of


def funded() -> ProjectQuerySet:
    return Project.objects.filter(status__in=FUNDED_STATUSES).select_related("call")


def shown() -> ProjectQuerySet:
    """The funded projects that are public or have a date of publication."""
    return funded().filter(published_at__isnull=False)


def calls_with(projects: QuerySet[Project]) -> QuerySet[Any]:
    """The calls. `count` is the number of these projects."""
    return Call.objects.annotate(count=number_of("pk", projects, by="call", each_once=True))


def calls_of(projects: QuerySet[Project]) -> QuerySet[Any]:
    """The calls with at least one of these projects. `count` is the number of these."""
    return calls_with(projects).filter(Exists(projects.filter(call=OuterRef("pk"))))


def imported_drafts() -> ProjectQuerySet:
    """The projects from files and announcements that were never public and that may become it."""
    imported = Change.objects.filter(
        kind=kind_of(Project),
        key=Cast(OuterRef("pk"), CharField()),
        action=Action.ADDED,
        change_set__channel__in=[Channel.IMPORT, Channel.ANNOUNCEMENT],
    )
    # The applications of calls without a decision wait for their check.
    judged = Q(status__in=FUNDED_STATUSES) | Q(call__decision__isnull=False)
    return Project.objects.filter(
        judged,
        Exists(imported),
        status__in=[ProjectStatus.SUBMITTED, *FUNDED_STATUSES],
        published_at__isnull=True,
        unpublished_at__isnull=True,
    )


# Each instalment on an interim report needs one more. A project has one final report.
LACKS_REPORT = ~Q(report_kind="") & (
    Q(report_kind=ReportKind.INTERIM, approved__lt=F("needed")) | Q(approved=0)
)


def with_reports(instalments: QuerySet[Instalment]) -> QuerySet[Instalment]:
    """Add the numbers of approved reports and of those that instalments so far need."""
    approved = Report.objects.filter(
        project=OuterRef("project"), kind=OuterRef("report_kind"), approved_on__isnull=False
    )
    until = Instalment.objects.filter(
        project=OuterRef("project"),
        report_kind=OuterRef("report_kind"),
        position__lte=OuterRef("position"),
    )
    return instalments.annotate(approved=_number(approved), needed=_number(until))


def _number(rows: QuerySet[Any]) -> Coalesce:
    numbers = rows.order_by().values("project").annotate(number=Count("pk"))
    return Coalesce(Subquery(numbers.values("number")), 0)
