"""The public events of calls and projects, other than changes of their records; the last change."""

from collections.abc import Collection, Iterable
from datetime import datetime, time
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.db.models import Case, DateTimeField, F, Q, QuerySet, When
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from projects.list_index.facet_sets import public_sets
from projects.models import Call, Decision, Project
from projects.models.calls import CallQuerySet
from projects.models.publication import public_since
from psf.public_changes.change_log import load_record_changes
from psf.public_changes.events import Event, EventEntry
from psf.public_changes.versions import KINDS
from psf.text.numbers_and_amounts import number
from psf.text.slugs import slug_url

PROJECT, CALL = "projects.project", "projects.call"


def last_changes(projects: Collection[Project]) -> dict[int, datetime]:
    """When readers last saw a change of each of these public projects, by key."""
    changes = load_record_changes(KINDS[PROJECT], [str(project.pk) for project in projects])
    return {row.pk: last_change(row, changes.get(str(row.pk), [])) for row in projects}


def last_change(project: Project, changes: Iterable[EventEntry]) -> datetime:
    """When readers last saw a change of a project: at least its publication; now for a preview.

    `changes` are its public changes. After an import of all data there are none at first.
    """
    moments = [project.public_from(), project.changed_at, *(entry.at for entry in changes)]
    return max((moment for moment in moments if moment), default=timezone.now())


def newest_events(limit: int) -> list[EventEntry]:
    """The newest events of each kind, in no order."""
    calls = Call.objects.public()
    return [
        *call_events(calls, limit),
        *project_events(Project.objects.public(), limit),
        *withdrawals(limit),
    ]


def call_events(calls: Any, limit: int) -> list[EventEntry]:
    """Publication, opening and results of public calls.

    A record that was over when staff entered it has no event.
    """
    in_time = calls.published_before_closing()
    published = in_time.order_by("-published_at", "slug")[:limit]
    events = [
        _entry_of_call(call, at, Event.PUBLISHED, _("%(call)s: published"), call.summary)
        for call in published
        if (at := call.published_at)
    ]
    return [*_openings(in_time, limit), *events, *_results(calls, limit)]


def site_news(limit: int) -> list[EventEntry]:
    """The newest openings, results, projects and withdrawals, each dated by the event.

    A record that was over when staff entered it has entries of the past.
    """
    calls, projects = Call.objects.public(), Project.objects.public()
    news = [*_openings(calls, limit), *_results(calls, limit), *withdrawals(limit)]
    return [*news, *project_events(projects, limit, _funded_at())]


def _openings(calls: CallQuerySet, limit: int) -> list[EventEntry]:
    opened = calls.filter(opens_at__lte=timezone.now()).order_by("-opens_at", "slug")
    return [_opened(call) for call in opened[:limit]]


def _results(calls: CallQuerySet, limit: int) -> list[EventEntry]:
    """Only results whose day is known: announced, or published here later than the call."""
    decided = calls.announced(timezone.now()).select_related("decision")
    announced = Q(decision__announced_on__isnull=False)
    later = Q(decision__published_at__gt=F("published_at"))
    decided = decided.filter(announced | later | Q(pk__in=calls.published_before_closing()))
    numbers = public_sets().numbers_by_call()
    return [_decided(call, numbers[call.pk]) for call in decided[:limit] if numbers.get(call.pk)]


def _funded_at() -> Case:
    """When a project was funded: the announced day or the closing, if its call was entered later.

    Projects of other calls: since when they are public.
    """
    entered_later = Q(call__published_at__gte=F("call__closes_at"))
    day = Cast("call__decision__announced_on", DateTimeField())
    announced = Q(call__decision__announced_on__isnull=False)
    announced &= Q(call__decision__published_at__lte=timezone.now())
    return Case(
        When(entered_later & announced, then=day),
        When(entered_later, then="call__closes_at"),
        default=public_since(),
    )


def _entry_of_call(call: Call, at: datetime, event: Event, title: str, text: str) -> EventEntry:
    values = {"call": call}
    return EventEntry(at, event, CALL, str(call.pk), title % values, call.get_absolute_url(), text)


def _opened(call: Call) -> EventEntry:
    deadline = _("Deadline: %(moment)s.") % {"moment": call.closes() or _("not known")}
    text = f"{call.summary} {deadline}".strip()
    at = cast(datetime, call.opens_at)
    return _entry_of_call(call, at, Event.OPENED, _("%(call)s opened for applications"), text)


def _decided(call: Call, projects: int) -> EventEntry:
    text = _("Funded projects on this site: %(count)s.") % {"count": number(projects)}
    title = _("%(call)s: the results")
    entry = _entry_of_call(call, _announced_at(call), Event.RESULTS, title, text)
    return entry._replace(address=reverse("projects:call-announcement", args=[call.slug]))


def _announced_at(call: Call) -> datetime:
    """The announced day; the moment of publication here on that day or without a known day."""
    published, day = cast(datetime, call.decision.public_from()), call.decision.announced_on
    if day is None or day >= call.day_of(published):
        return published
    return datetime.combine(day, time.min, tzinfo=ZoneInfo(call.time_zone))


def project_events(
    projects: QuerySet[Project], limit: int, moment: Case | None = None
) -> list[EventEntry]:
    """The publication of the newest of these public projects, at a moment if not since then."""
    at = moment or public_since()
    newest = projects.order_by(at.desc(), "pk")[:limit]
    # The database would sort long texts with the keys.
    rows = Project.objects.filter(pk__in=[*newest.values_list("pk", flat=True)]).values_list(
        "pk", at, "reference", "title", "slug", "summary", "call__title"
    )
    return [
        EventEntry(
            since,
            Event.PUBLISHED,
            PROJECT,
            str(key),
            _("%(reference)s %(title)s: published") % {"reference": reference, "title": title},
            slug_url("projects:project-detail", slug),
            summary or _("A funded project of %(call)s.") % {"call": call},
        )
        for key, since, reference, title, slug, summary, call in rows
    ]


def withdrawals(limit: int) -> list[EventEntry]:
    """The withdrawn records, with their reasons and without the titles of withdrawn pages."""
    projects = Project.objects.unpublished().order_by("-unpublished_at")[:limit]
    calls = Call.objects.unpublished().order_by("-unpublished_at")[:limit]
    decisions = Decision.objects.unpublished().select_related("call")
    decisions = decisions.order_by("-unpublished_at")[:limit]
    records: list[Call | Decision | Project] = [*projects, *calls, *decisions]
    return [_withdrawn(record) for record in records]


def _withdrawn(record: Call | Decision | Project) -> EventEntry:
    page = record.call if isinstance(record, Decision) else record
    kind, address = CALL, page.get_absolute_url()
    if isinstance(record, Project):
        kind = PROJECT
        title = _("Project %(reference)s was withdrawn") % {"reference": record.reference}
    elif isinstance(record, Call):
        title = _("A call was withdrawn")
    else:
        name = page.title if page.is_public() else _("a call")
        title = _("The results of %(call)s were withdrawn") % {"call": name}
        address = reverse("projects:call-announcement", args=[page.slug])
    at = cast(datetime, record.unpublished_at)
    text = _("Reason: %(reason)s") % {"reason": record.unpublished_reason}
    return EventEntry(at, Event.WITHDRAWN, kind, str(page.pk), title, address, text)
