"""Atom feeds of public events (RFC 4287)."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from django.conf import settings
from django.http import HttpResponse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.utils.translation import gettext as _

from psf.public_changes.events import Event, EventEntry, sort_events

MAX_ENTRIES = 50
NO_NEWS = datetime(2013, 1, 1, tzinfo=UTC)  # the year of the first call
# Characters not allowed in XML.
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
# A record opens or announces its results once, so its address identifies the event.
ONCE = [Event.OPENED, Event.RESULTS]


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
        author_name=_("Council of the Baltic Sea States"),
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
