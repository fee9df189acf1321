"""The events of public records, in words and with their moments, and as Atom feeds (RFC 4287)."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from django.conf import settings
from django.db.models import TextChoices
from django.http import HttpResponse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.utils.translation import gettext, gettext_lazy as _

MAX_ENTRIES = 50
NO_NEWS = datetime(2013, 1, 1, tzinfo=UTC)  # the year of the first call
# Characters not allowed in XML.
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


class Event(TextChoices):
    """The kind of event of a public record."""

    OPENED = "opened", _("opened for applications")
    PUBLISHED = "published", _("published")
    RESULTS = "results", _("results")
    CHANGED = "changed", _("changed")
    CORRECTED = "corrected", _("corrected")
    WITHDRAWN = "withdrawn", _("withdrawn")


# A record opens or announces its results once, so its address identifies the event.
ONCE = [Event.OPENED, Event.RESULTS]


class EventEntry(NamedTuple):
    """An event of the record with a kind and a key, for readers.

    `title` says what happened to which record, and `text` the details.
    """

    at: datetime
    event: Event
    kind: str
    key: str
    title: str
    address: str
    text: str

    def order(self) -> tuple[datetime, str, str]:
        return self.at, self.address, self.event

    def anchor(self) -> str:
        """The end of the permanent identifier: the event and its moment."""
        return f"{self.event}-{re.sub(r'[^0-9]', '', self.at.isoformat()[:26])}"


# Functions that return the newest events of an app, other than changes of records.
SOURCES: list[Callable[[int], list[EventEntry]]] = []


def register_source(source: Callable[[int], list[EventEntry]]) -> None:
    SOURCES.append(source)


def sort_events(entries: Iterable[EventEntry]) -> list[EventEntry]:
    return sorted(entries, key=EventEntry.order, reverse=True)


class Feed(Atom1Feed):
    """A feed that says when its news were last updated, and is the same until then."""

    def latest_post_date(self) -> datetime:
        return super().latest_post_date() if self.num_items() else NO_NEWS


def feed_response(
    entries: Iterable[EventEntry], *, title: str, description: str, page: str, address: str
) -> HttpResponse:
    """The newest entries as a feed. `page` has the same records as HTML."""
    news = Feed(
        title=CONTROLS.sub("", title),
        link=f"{settings.SITE_URL}{page}",
        description=description,
        language="en",
        author_name=gettext("Council of the Baltic Sea States"),
        feed_url=f"{settings.SITE_URL}{address}",
    )
    for entry in sort_events(entries)[:MAX_ENTRIES]:
        link = f"{settings.SITE_URL}{entry.address}"
        news.add_item(
            title=CONTROLS.sub("", entry.title),
            link=link,
            unique_id=link if entry.event in ONCE else f"{link}#{entry.anchor()}",
            description=escape(CONTROLS.sub("", entry.text)),  # readers take a summary for HTML
            categories=[entry.event.value],
            pubdate=entry.at,
            updateddate=entry.at,
        )
    return HttpResponse(news.writeString("utf-8"), content_type=news.content_type)
