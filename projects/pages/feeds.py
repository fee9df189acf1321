"""News for readers' own programs, as Atom: calls that opened, results that were published."""

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

LONGEST = 50
# XML has no place for them.
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


class Entry(NamedTuple):
    """One piece of news; `at` is when readers could first know it."""

    at: datetime
    title: str
    address: str
    words: str


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
            description=CONTROLS.sub("", entry.words),
            pubdate=entry.at,
            updateddate=entry.at,
        )
    return HttpResponse(news.writeString("utf-8"), content_type=news.content_type)


def entries(now: datetime) -> list[Entry]:
    """The latest news, the newest first."""
    opened = Call.objects.public(now).filter(opens_at__lte=now).order_by("-opens_at", "slug")
    decided = Call.objects.announced(now).order_by("-decision__published_at", "slug").for_list()
    found = [_opened(call) for call in opened[:LONGEST]]
    found += [_decided(call) for call in decided[:LONGEST]]
    return sorted(found, key=lambda entry: (entry.at, entry.address), reverse=True)[:LONGEST]


def _opened(call: Call) -> Entry:
    closes = _("It closes: %(moment)s.") % {"moment": call.closes() or _("not known")}
    moments = [moment for moment in [call.opens_at, call.published_at] if moment]
    title = _("%(call)s is open for applications") % {"call": call}
    return Entry(max(moments), title, call.get_absolute_url(), f"{call.summary} {closes}".strip())


def _decided(call: Call) -> Entry:
    count = call.number_of_projects  # type: ignore[attr-defined]  # for_list() counts them
    moments = [moment for moment in [call.decision.published_at, call.published_at] if moment]
    address = reverse("projects:call-announcement", args=[call.slug])
    title = _("%(call)s: the results") % {"call": call}
    words = _("Funded projects on this site: %(count)s.") % {"count": number(count)}
    return Entry(max(moments), title, address, words)
