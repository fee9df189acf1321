"""Pages for the copy: links lead to files, and forms are replaced by links to full lists."""

import re
from functools import cache, lru_cache
from html import escape, unescape
from typing import NamedTuple
from urllib.parse import urldefrag, urljoin, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from psf.static_site.addresses import normalise, path_in_copy

FORMS = [
    re.compile(r'<details class="filters"[^>]*>.*?</form>\s*</details>', re.DOTALL),
    re.compile(r"<form\b.*?</form>", re.DOTALL),
]
CHECKBOXES = re.compile(r'<label class="choose">.*?</label>', re.DOTALL)
# A picture cannot contain a span, so links in pictures are looked for first.
ANCHOR = re.compile(r"<(?:svg .*?</svg>|a ([^>]*)>(.*?)</a>)", re.DOTALL)
ANCHOR_IN_PICTURE = re.compile(r"<a ([^>]*)>(.*?)</a>", re.DOTALL)
LINK = re.compile(r"<link\b([^>]*)>\s*")
SOURCE = re.compile(r' src="([^"]*)"')
HREF = re.compile(r'href="([^"]*)"')
# An address of this site that is the same in the copy and in every spelling.
PLAIN_ADDRESS = re.compile(r"/(?:[\w-][\w.-]*/)*(?:[\w-][\w.-]*)?", re.ASCII)
STYLE_URL = re.compile(r"""url\(\s*["']?([^"')]+)["']?\s*\)""")


class CopiedPage(NamedTuple):
    """The text of a file of the copy, and the addresses of this site that the text links to."""

    text: str
    addresses: set[str]


def rewrite_page(html: str, address: str) -> CopiedPage:
    """The page at an address, for the copy. Links without a file become plain text."""
    addresses: set[str] = set()

    def copied(href: str) -> str | None:
        """The link in the copy; None without one."""
        link, target = find_link(href, "/" if href.startswith("/") else address)
        if target:
            addresses.add(target)
        return link

    def replace_anchor(match: re.Match[str], plain: str = "<span>{}</span>") -> str:
        attributes, content = match.groups()
        if attributes is None:
            return ANCHOR_IN_PICTURE.sub(lambda anchor: replace_anchor(anchor, "{}"), match[0])
        href = HREF.search(attributes)
        if href is None:
            return match[0]
        link = copied(href[1])
        if link is None:
            return plain.format(content)
        return match[0].replace(href[0], f'href="{link}"', 1)

    def replace_link(match: re.Match[str]) -> str:
        href = HREF.search(match[1])
        if href is None:
            return match[0]
        # The canonical address is complete. Its query has a folder in the copy.
        site = settings.SITE_URL if href[1].startswith(f"{settings.SITE_URL}/") else ""
        link = copied(href[1].removeprefix(site))
        return "" if link is None else match[0].replace(href[0], f'href="{site}{link}"')

    text = CHECKBOXES.sub("", _without_forms(html))
    text = LINK.sub(replace_link, ANCHOR.sub(replace_anchor, text))
    for source in SOURCE.findall(text):
        copied(source)
    return CopiedPage(text, addresses)


@lru_cache(maxsize=20_000)
def find_link(href: str, address: str) -> tuple[str | None, str]:
    """The link in the copy in place of a link in a page, and the linked address of this site.

    The link is None if the copy has no such page. The address is "" if it is on another site.
    """
    if PLAIN_ADDRESS.fullmatch(href):
        path = path_in_copy(href)
        return path, href if path else ""
    plain = unescape(href)
    target, fragment = urldefrag(urljoin(address, plain))
    if urlsplit(target).netloc or not target.startswith("/") or plain.startswith("#"):
        return href, ""
    path = path_in_copy(target)
    if path is None:
        return None, ""
    return escape(f"{path}#{fragment}" if fragment else path), normalise(target)


def _without_forms(html: str) -> str:
    """The page with an explanation in place of the first form, and nothing in place of others."""
    if "</form>" not in html:
        return html
    explanation = _explanation()
    for pattern in FORMS:
        html, number = pattern.subn(explanation, html, count=1)
        explanation = "" if number else explanation
        html = pattern.sub("", html)
    return html


@cache
def _explanation() -> str:
    note = _("This copy of the site has no search and no filters. All records:")
    links = [
        ("/projects/", _("projects")),
        ("/calls/", _("calls")),
        ("/partners/", _("partners")),
        ("/countries/", _("countries")),
    ]
    words = ", ".join(f'<a href="{path}">{label}</a>' for path, label in links)
    return f'<p class="quiet">{note} {words}.</p>'


def addresses_in_style(css: str, address: str) -> set[str]:
    """The addresses of this site that a stylesheet uses."""
    targets = {urldefrag(urljoin(address, link))[0] for link in STYLE_URL.findall(css)}
    return {normalise(target) for target in targets if target.startswith("/")}


def parts_of_sitemap(xml: str) -> set[str]:
    """The addresses of further sitemaps."""
    return {urlsplit(location).path for location in re.findall(r"<sitemap><loc>([^<]*)</loc>", xml)}


def redirect_page(target: str) -> str:
    """A page that leads to another page, for servers that cannot redirect."""
    link = escape(target)
    words = escape(_("This page has moved."))
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{words}</title>'
        f'<link rel="canonical" href="{link}"><meta http-equiv="refresh" content="0; url={link}">'
        f'</head><body><p>{words} <a href="{link}">{link}</a></p></body></html>\n'
    )
