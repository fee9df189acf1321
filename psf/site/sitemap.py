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
from psf.public_changes.record_kinds import KINDS, Moments, PublicKind
from psf.public_changes.versions import load_versions
from psf.text.urls import slug_url

MAX_ADDRESSES = 2_000  # of a file; the moments of more would take a reader too long
RECORDS_AT_ONCE = 500
SCHEMA = "http://www.sitemaps.org/schemas/sitemap/0.9"
PAGES = [
    *["home", "projects:project-list", "projects:call-list", "partners:partner-list"],
    *["partners:lead-partner-list", "partners:country-list", "figures:overview", "figures:map"],
    *["figures:cooperation", "changes", "about", "data", "accessibility", "privacy"],
]


class SitePage(NamedTuple):
    """The address of a public page, and the kind and key of its record if readers follow it."""

    address: str
    kind: str = ""
    key: int = 0


Entry = tuple[str, datetime | None]  # an address, and the moment of its last public change


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
    rows = records.order_by("slug").values_list("slug", "pk")  # type: ignore[attr-defined]
    return (SitePage(slug_url(view, slug), kind_name, key) for slug, key in rows)


def _entries(pages: list[SitePage]) -> Iterator[Entry]:
    """The pages with the moments of their last public changes, as far as these are known."""
    keys: dict[str, list[str]] = {}
    for page in pages:
        if page.kind:
            keys.setdefault(page.kind, []).append(str(page.key))
    moments = {name: load_last_changes(KINDS[name], keys[name]) for name in keys}
    for page in pages:
        yield page.address, moments.get(page.kind, {}).get(str(page.key))


def load_last_changes(kind: PublicKind, keys: list[str]) -> Moments:
    """When readers last saw a change of each public record: at least its publication."""
    moments: Moments = {}
    for chunk in chunked(keys, RECORDS_AT_ONCE):
        moments |= kind.load_since(chunk)
        versions = load_versions(kind, changed_records(kind, chunk))
        moments |= {key: rows[-1].at for key, rows in versions.items()}
    return moments


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """The addresses, or with too many for one file the addresses of the parts."""
    pages = load_pages()
    if len(pages) <= MAX_ADDRESSES:
        return _xml("urlset", "url", _entries(pages))
    numbers = range(1, -(-len(pages) // MAX_ADDRESSES) + 1)
    parts = [(reverse("sitemap-part", args=[number]), None) for number in numbers]
    return _xml("sitemapindex", "sitemap", parts)


@require_safe
def sitemap_part(request: HttpRequest, number: int) -> HttpResponse:
    pages = load_pages()
    part = pages[(number - 1) * MAX_ADDRESSES : number * MAX_ADDRESSES] if number else []
    if not part or len(pages) <= MAX_ADDRESSES:
        raise Http404
    return _xml("urlset", "url", _entries(part))


def _xml(root: str, element: str, entries: Iterable[Entry]) -> HttpResponse:
    lines = ["<?xml version='1.0' encoding='utf-8'?>", f'<{root} xmlns="{SCHEMA}">']
    for address, changed_at in entries:
        location = f"<loc>{escape(settings.SITE_URL + address)}</loc>"
        day = f"<lastmod>{changed_at.isoformat()}</lastmod>" if changed_at else ""
        lines.append(f"<{element}>{location}{day}</{element}>")
    return HttpResponse("\n".join([*lines, f"</{root}>\n"]), content_type="application/xml")
