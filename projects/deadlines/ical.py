"""Calendars of deadlines: files, private addresses, answers."""

import secrets
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from projects.deadlines.kinds import Deadline
from projects.models import Call
from psf.accounts.models import CalendarAddress
from psf.text.dates import KNOWN_DAYS, Precision


def renew(user: User) -> str:
    """A new secret for the address of the account. The earlier address ends."""
    secret = secrets.token_urlsafe(32)
    CalendarAddress.objects.update_or_create(
        user=user, defaults={"fingerprint": _fingerprint(secret), "made_at": timezone.now()}
    )
    return secret


def owner_of(secret: str) -> User | None:
    """The account that has the address, if it may sign in."""
    owner = {"calendar_address__fingerprint": _fingerprint(secret)}
    return User.objects.filter(is_active=True, is_staff=True, **owner).first()


def _fingerprint(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


class CalendarEntry(NamedTuple):
    """A day or moment in a calendar program.

    A calendar program replaces the entry with the same `key`. `written_at` is the time of the last
    change.
    """

    key: str
    when: date
    title: str
    path: str
    written_at: datetime


def deadline_entries(
    deadlines: Iterable[Deadline], today: date, now: datetime
) -> Iterator[CalendarEntry]:
    """Entries without titles and amounts, because calendar programs store them elsewhere."""
    for deadline in deadlines:
        title = f"{deadline.subject()}: {deadline.words}"
        if deadline.done or deadline.is_overdue(today):
            title = f"{title} ({deadline.state(today)})"
        key = f"{deadline.url} {deadline.words} {deadline.day}"
        yield CalendarEntry(key, deadline.at or deadline.day, title, deadline.url, now)


def call_entries(calls: Iterable[Call]) -> Iterator[CalendarEntry]:
    """The openings and closings of public calls, where the day is known."""
    for call in calls:
        assert call.published_at is not None
        path = call.get_absolute_url()
        for name, words, moment, precision in [
            ("opens", _("%(call)s opens"), call.opens_at, call.opens_precision),
            ("closes", _("%(call)s closes"), call.closes_at, call.closes_precision),
        ]:
            if moment and precision in KNOWN_DAYS:
                when = moment if precision == Precision.MINUTE else call.day_of(moment)
                key, title = f"{name} {call.slug}", words % {"call": call}
                yield CalendarEntry(key, when, title, path, call.published_at)


def calendar_response(name: str, entries: Iterable[CalendarEntry]) -> HttpResponse:
    from icalendar import Calendar, Event  # imported late: each worker would hold four megabytes

    calendar, host = Calendar(), settings.SITE_URL.partition("://")[2]
    calendar.add("prodid", "-//Project Support Facility//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    for entry in entries:
        event, when = Event(), entry.when
        event.add("uid", f"{sha256(entry.key.encode()).hexdigest()[:32]}@{host}")
        event.add("dtstamp", entry.written_at.astimezone(UTC))
        event.add("dtstart", when.astimezone(UTC) if isinstance(when, datetime) else when)
        if not isinstance(when, datetime):
            event.add("dtend", when + timedelta(days=1))
        event.add("summary", entry.title)
        event.add("url", f"{settings.SITE_URL}{entry.path}")
        event.add("transp", "TRANSPARENT")  # the day does not show as busy
        calendar.add_component(event)
    return HttpResponse(calendar.to_ical(), content_type="text/calendar; charset=utf-8")


@require_safe
def calls_ics(request: HttpRequest) -> HttpResponse:
    """The openings and closings of public calls, for the calendars of readers."""
    return calendar_response(_("PSF calls"), call_entries(Call.objects.public()))


@require_safe
def call_ics(request: HttpRequest, slug: str) -> HttpResponse:
    """The opening and the closing of one public call."""
    call = get_object_or_404(Call.objects.public(), slug=slug)
    return calendar_response(str(call), call_entries([call]))
