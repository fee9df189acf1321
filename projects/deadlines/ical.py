"""Deadlines in the format of calendar programs (RFC 5545)."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext as _

from projects.deadlines.base import Deadline
from projects.deadlines.sources import KNOWN_DAYS
from projects.models import Call
from psf.text.dates import Precision

if TYPE_CHECKING:
    from icalendar import Event


class Entry(NamedTuple):
    """What a calendar program shows of one day or moment.

    `key` stays the same when the day moves; `written_at` is when what it says was last said.
    """

    key: str
    when: date
    title: str
    path: str
    written_at: datetime


def of_deadlines(deadlines: Iterable[Deadline], today: date, now: datetime) -> list[Entry]:
    """Without titles and amounts: a calendar program keeps them wherever it likes."""
    entries = []
    for deadline in deadlines:
        title = f"{deadline.subject()}: {deadline.words}"
        if deadline.done or deadline.is_overdue(today):
            title = f"{title} ({deadline.state(today)})"
        key = f"{deadline.url} {deadline.words} {deadline.day}"
        entries.append(Entry(key, deadline.at or deadline.day, title, deadline.url, now))
    return entries


def of_public_calls() -> list[Entry]:
    """The openings and closings of which readers know the day."""
    entries = []
    for call in Call.objects.public():
        assert call.published_at is not None
        for key, words, moment, precision in [
            ("opens", _("%(call)s opens"), call.opens_at, call.opens_precision),
            ("closes", _("%(call)s closes"), call.closes_at, call.closes_precision),
        ]:
            if moment and precision in KNOWN_DAYS:
                when = moment if precision == Precision.MINUTE else call.day_of(moment)
                path = call.get_absolute_url()
                title = words % {"call": call}
                entries.append(Entry(f"{key} {call.slug}", when, title, path, call.published_at))
    return entries


def calendar_of(name: str, entries: Iterable[Entry]) -> bytes:
    from icalendar import Calendar  # here and not above: each worker would hold four megabytes

    calendar = Calendar()
    calendar.add("prodid", "-//Project Support Facility//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    for entry in entries:
        calendar.add_component(_event(entry))
    return calendar.to_ical()


def _event(entry: Entry) -> "Event":
    from icalendar import Event

    event = Event()
    event.add("uid", f"{sha256(entry.key.encode()).hexdigest()[:32]}@{_host()}")
    event.add("dtstamp", entry.written_at.astimezone(UTC))
    if isinstance(entry.when, datetime):
        event.add("dtstart", entry.when.astimezone(UTC))
    else:
        event.add("dtstart", entry.when)
        event.add("dtend", entry.when + timedelta(days=1))
    event.add("summary", entry.title)
    event.add("url", f"{settings.SITE_URL}{entry.path}")
    event.add("transp", "TRANSPARENT")  # nobody is busy all that day
    return event


def _host() -> str:
    return settings.SITE_URL.partition("://")[2]


def answer(name: str, entries: Iterable[Entry]) -> HttpResponse:
    return HttpResponse(calendar_of(name, entries), content_type="text/calendar; charset=utf-8")
