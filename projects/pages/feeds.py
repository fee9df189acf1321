"""The Atom feed: calls that opened, and results that were published."""

import re
from datetime import UTC, datetime, time
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from projects.models import Call
from psf.text.numbers import number

MAX_ENTRIES = 50
NO_NEWS = datetime(2013, 1, 1, tzinfo=UTC)  # the year of the first call
# Characters not allowed in XML.
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


class Feed(Atom1Feed):
    """A feed that says when its news were last updated, and is the same until then."""

    def latest_post_date(self) -> datetime:
        return super().latest_post_date() if self.num_items() else NO_NEWS


class FeedEntry(NamedTuple):
    """An entry of the feed; `at` is the moment of the event."""

    at: datetime
    title: str
    address: str
    text: str


@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    news = Feed(
        title=_("Project Support Facility"),
        link=f"{settings.SITE_URL}/",
        description=_("Calls that opened and results that were published."),
        language="en",
        author_name=_("Council of the Baltic Sea States"),
        feed_url=f"{settings.SITE_URL}{reverse('projects:feed')}",
    )
    for entry in entries(timezone.now()):
        news.add_item(
            title=CONTROLS.sub("", entry.title),
            link=f"{settings.SITE_URL}{entry.address}",
            unique_id=f"{settings.SITE_URL}{entry.address}",
            description=CONTROLS.sub("", entry.text),
            pubdate=entry.at,
            updateddate=entry.at,
        )
    return HttpResponse(news.writeString("utf-8"), content_type=news.content_type)


def entries(now: datetime) -> list[FeedEntry]:
    """The latest news, newest first. Nothing that was over when it was entered is news."""
    opened = Call.objects.public(now).filter(opens_at__lte=now).published_before_closing()
    decided: QuerySet[Any] = Call.objects.announced(now).for_list()
    decided = decided.filter(number_of_projects__gt=0)
    announced = Q(decision__announced_on__isnull=False)
    later = Q(decision__published_at__gt=F("published_at"))
    in_time = Q(pk__in=Call.objects.published_before_closing())
    news = [_opened(call) for call in opened.order_by("-opens_at", "slug")[:MAX_ENTRIES]]
    news += [_decided(call) for call in decided.filter(announced | later | in_time)]
    return sorted(news, key=lambda entry: (entry.at, entry.address), reverse=True)[:MAX_ENTRIES]


def _opened(call: Call) -> FeedEntry:
    assert call.opens_at is not None
    deadline = _("Deadline: %(moment)s.") % {"moment": call.closes() or _("not known")}
    title = _("%(call)s opened for applications") % {"call": call}
    text = f"{call.summary} {deadline}".strip()
    return FeedEntry(call.opens_at, title, call.get_absolute_url(), text)


def _decided(call: Call) -> FeedEntry:
    count = call.number_of_projects  # type: ignore[attr-defined]  # for_list() counts them
    address = reverse("projects:call-announcement", args=[call.slug])
    title = _("%(call)s: the results") % {"call": call}
    text = _("Funded projects on this site: %(count)s.") % {"count": number(count)}
    return FeedEntry(_announced_at(call), title, address, text)


def _announced_at(call: Call) -> datetime:
    """The announced day; the moment of publication here on that day or without a known day."""
    moments = [moment for moment in [call.decision.published_at, call.published_at] if moment]
    published, day = max(moments), call.decision.announced_on
    if day is None or day >= call.day_of(published):
        return published
    return datetime.combine(day, time.min, tzinfo=ZoneInfo(call.time_zone))
