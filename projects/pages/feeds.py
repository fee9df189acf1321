"""The Atom feed: calls that opened, and results that were published."""

import re
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from projects.models import Call
from psf.text.numbers import number

MAX_ENTRIES = 50
# Characters not allowed in XML.
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


class FeedEntry(NamedTuple):
    """An entry of the feed; `at` is the moment when the news became public."""

    at: datetime
    title: str
    address: str
    text: str


@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    news = Atom1Feed(
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
    """The latest news, newest first."""
    opened = Call.objects.public(now).filter(opens_at__lte=now).order_by("-opens_at", "slug")
    decided = Call.objects.announced(now).order_by("-decision__published_at", "slug").for_list()
    news = [_opened(call) for call in opened[:MAX_ENTRIES]]
    news += [_decided(call) for call in decided[:MAX_ENTRIES]]
    return sorted(news, key=lambda entry: (entry.at, entry.address), reverse=True)[:MAX_ENTRIES]


def _opened(call: Call) -> FeedEntry:
    closes = _("Closes: %(moment)s.") % {"moment": call.closes() or _("not known")}
    moments = [moment for moment in [call.opens_at, call.published_at] if moment]
    title = _("%(call)s is open for applications") % {"call": call}
    text = f"{call.summary} {closes}".strip()
    return FeedEntry(max(moments), title, call.get_absolute_url(), text)


def _decided(call: Call) -> FeedEntry:
    count = call.number_of_projects  # type: ignore[attr-defined]  # for_list() counts them
    moments = [moment for moment in [call.decision.published_at, call.published_at] if moment]
    address = reverse("projects:call-announcement", args=[call.slug])
    title = _("%(call)s: the results") % {"call": call}
    text = _("Funded projects on this site: %(count)s.") % {"count": number(count)}
    return FeedEntry(max(moments), title, address, text)
