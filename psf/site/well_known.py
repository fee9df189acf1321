"""Pages for machines: health check, robots.txt, security.txt and the sitemap.

The sitemap has the addresses of all public pages, with the day of their last public change.
"""

from collections import defaultdict
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from partners.models import Country, Partner
from projects.models import Call, Project
from projects.models.projects import LONG_TEXTS
from projects.publication.events import PROJECT, last_changes
from psf.database.sql import chunked
from psf.history.tracking import kind_of
from psf.operations import readiness
from psf.public_changes.change_log import load_record_changes
from psf.public_changes.versions import KINDS, Moments, PublicKind
from psf.site.search import PAGES as SEARCHED_PAGES
from psf.text.slugs import slug_url

PLAIN_TEXT = "text/plain; charset=utf-8"
MAX_WITH_MOMENTS = 2_000  # addresses
RECORDS_AT_ONCE = 500
SCHEMA = "http://www.sitemaps.org/schemas/sitemap/0.9"
PAGES = ["home", "partners:lead-partner-list", *(name for name, _title, _words in SEARCHED_PAGES)]
# The records that readers follow, each with its page.
FOLLOWED: list[tuple[Any, str]] = [
    (Call, "projects:call-detail"),
    (Project, "projects:project-detail"),
    (Partner, "partners:partner-detail"),
]
COUNTRY_PAGES = ["partners:country-detail", "figures:country-sheet"]


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Status 200: this process answers. The database is not asked."""
    return HttpResponse("ok\n", content_type=PLAIN_TEXT)


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Status 200 if pages can be read and saved, otherwise 503 with the reasons."""
    problems = readiness.problems()
    lines = [f"{name}: {problem or 'ok'}\n" for name, problem in problems.items()]
    status = 503 if any(problems.values()) else 200
    response = HttpResponse("".join(lines), content_type=PLAIN_TEXT, status=status)
    if status == 503:
        response["Retry-After"] = "30"
    return response


@require_safe
def robots_txt(request: HttpRequest) -> HttpResponse:
    lines = ["User-agent: *", "Disallow: /admin/", "", f"Sitemap: {settings.SITE_URL}/sitemap.xml"]
    return HttpResponse("".join(f"{line}\n" for line in lines), content_type=PLAIN_TEXT)


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """Where to report a weakness (RFC 9116)."""
    lines = [
        f"Contact: {settings.SITE_URL}/about/#contact",
        # Always ahead, and the same for a whole year, so that the text keeps its ETag.
        f"Expires: {timezone.now().year + 1}-01-31T00:00:00Z",
        "Preferred-Languages: en",
        f"Canonical: {settings.SITE_URL}/.well-known/security.txt",
    ]
    return HttpResponse("".join(f"{line}\n" for line in lines), content_type=PLAIN_TEXT)


def load_entries() -> dict[str, datetime | None]:
    """The addresses of public pages, with the moments of their last changes as far as known.

    Of many pages a reader would wait too long for the moments.
    """
    announced = Call.objects.announced().order_by("slug").values_list("slug", flat=True)
    countries = Country.objects.public().order_by("slug").values_list("slug", flat=True)
    followed = {
        slug_url(view, slug): (kind_of(model), str(key))
        for model, view in FOLLOWED
        for slug, key in model.objects.public().order_by("slug").values_list("slug", "pk")
    }
    entries: dict[str, datetime | None] = dict.fromkeys(
        [
            *map(reverse, PAGES),
            *followed,
            *(slug_url("projects:call-announcement", slug) for slug in announced),
            *(slug_url(view, slug) for slug in countries for view in COUNTRY_PAGES),
        ]
    )
    if len(entries) > MAX_WITH_MOMENTS:
        return entries
    keys = defaultdict[str, list[str]](list)
    for kind, key in followed.values():
        keys[kind].append(key)
    projects = Project.objects.public().defer(*LONG_TEXTS).select_related("call")
    moments = {PROJECT: {str(key): at for key, at in last_changes([*projects]).items()}}
    for kind in keys.keys() - moments:
        moments[kind] = load_last_changes(KINDS[kind], keys[kind])
    return entries | {page: moments[kind].get(key) for page, (kind, key) in followed.items()}


def load_last_changes(kind: PublicKind, keys: list[str]) -> Moments:
    """When readers last saw a change of each public record: at least its publication."""
    moments: Moments = {}
    for chunk in chunked(keys, RECORDS_AT_ONCE):
        moments |= kind.load_since(chunk)
        changes = load_record_changes(kind, chunk)
        moments |= {key: entries[-1].at for key, entries in changes.items() if entries}
    return moments


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    lines = ["<?xml version='1.0' encoding='utf-8'?>", f'<urlset xmlns="{SCHEMA}">']
    for address, changed_at in load_entries().items():
        location = f"<loc>{escape(settings.SITE_URL + address)}</loc>"
        day = f"<lastmod>{changed_at.isoformat()}</lastmod>" if changed_at else ""
        lines.append(f"<url>{location}{day}</url>")
    return HttpResponse("\n".join([*lines, "</urlset>", ""]), content_type="application/xml")
