"""The sitemap: the addresses of all public pages, with the day of their last public change."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple
from xml.sax.saxutils import escape

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from partners.models import Country, Partner
from projects.models import Call, Project
from psf.caching.memo import cached_until_change
from psf.database.sql import chunked
from psf.public_changes.candidates import changed_records
from psf.public_changes.kinds import KINDS, Moments
from psf.public_changes.versions import load_versions
from psf.text.urls import slug_url

MAX_ADDRESSES = 50_000
RECORDS_AT_ONCE = 500
SCHEMA = "http://www.sitemaps.org/schemas/sitemap/0.9"
PAGES = [
    *["home", "projects:project-list", "projects:call-list", "partners:partner-list"],
    *["partners:lead-partner-list", "partners:country-list", "figures:overview", "figures:map"],
    *["figures:cooperation", "changes", "about", "data", "accessibility", "privacy"],
]


class SitePage(NamedTuple):
    """The address of a public page; `changed_at` is None if the moment is not known."""

    address: str
    changed_at: datetime | None = None


@cached_until_change.memoize
def load_pages() -> list[SitePage]:
    """All public pages that search engines list. Callers must not change the list."""
    return [
        *(SitePage(reverse(name)) for name in PAGES),
        *_pages("projects.call", Call.objects.public(), "projects:call-detail"),
        *(
            SitePage(slug_url("projects:call-announcement", slug))
            for slug in Call.objects.announced().order_by("slug").values_list("slug", flat=True)
        ),
        *_pages("projects.project", Project.objects.public(), "projects:project-detail"),
        *_pages("partners.partner", Partner.objects.public(), "partners:partner-detail"),
        *(
            SitePage(slug_url(name, slug))
            for slug in Country.objects.public().order_by("slug").values_list("slug", flat=True)
            for name in ["partners:country-detail", "figures:country-sheet"]
        ),
    ]


def _pages(kind_name: str, records: object, view: str) -> Iterator[SitePage]:
    """The pages of the records in the order of their addresses."""
    rows = records.order_by("slug").values_list("pk", "slug")  # type: ignore[attr-defined]
    keys = {str(key): slug for key, slug in rows}
    changed_at = load_last_changes(kind_name, keys)
    for key, slug in keys.items():
        yield SitePage(slug_url(view, slug), changed_at.get(key))


def load_last_changes(kind_name: str, keys: Iterable[str]) -> Moments:
    """When readers last saw a change of each public record: at least its publication."""
    kind = KINDS[kind_name]
    moments: Moments = {}
    for chunk in chunked(keys, 10 * RECORDS_AT_ONCE):
        moments |= kind.load_since(chunk)
    changed = [key for key in changed_records(kind) if key in moments]
    for chunk in chunked(changed, RECORDS_AT_ONCE):
        moments |= {key: rows[-1].at for key, rows in load_versions(kind, chunk).items()}
    return moments


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """The addresses, or with too many for one file the addresses of the parts."""
    pages = load_pages()
    if len(pages) <= MAX_ADDRESSES:
        return _xml("urlset", "url", pages)
    numbers = range(1, -(-len(pages) // MAX_ADDRESSES) + 1)
    parts = [SitePage(reverse("sitemap-part", args=[number])) for number in numbers]
    return _xml("sitemapindex", "sitemap", parts)


@require_safe
def sitemap_part(request: HttpRequest, number: int) -> HttpResponse:
    pages = load_pages()
    part = pages[(number - 1) * MAX_ADDRESSES : number * MAX_ADDRESSES] if number else []
    if not part or len(pages) <= MAX_ADDRESSES:
        raise Http404
    return _xml("urlset", "url", part)


def _xml(root: str, element: str, pages: Iterable[SitePage]) -> HttpResponse:
    lines = ["<?xml version='1.0' encoding='utf-8'?>", f'<{root} xmlns="{SCHEMA}">']
    for address, changed_at in pages:
        location = f"<loc>{escape(settings.SITE_URL + address)}</loc>"
        day = f"<lastmod>{changed_at.isoformat()}</lastmod>" if changed_at else ""
        lines.append(f"<{element}>{location}{day}</{element}>")
    return HttpResponse("\n".join([*lines, f"</{root}>\n"]), content_type="application/xml")
