"""The words of the public pages: names with their language, money, periods, ways back."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from babel import Locale
from babel.lists import format_list
from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import get_language

from partners.models import Country, Membership, Partner
from projects import money
from projects.models import ListedProject, ProjectStatus, Source
from psf.dates import Precision, describe_period

register = template.Library()


def _locale() -> Locale:
    return Locale.parse(get_language() or "en", sep="-")


@register.filter
def foreign(language: str) -> str:
    """The language of a name where it must be marked: the pages themselves are in English."""
    return "" if language.split("-")[0].lower() == "en" else language


@register.filter
def language_name(language: str) -> str:
    """ "lv" as "Latvian"; a language without a known name as its own tag."""
    names = _locale().languages
    return names.get(language.split("-")[0].lower(), language)


@register.filter
def period(row: Any) -> str:
    """From when to when a name or a membership holds; "" when neither is known."""
    precision = getattr(row, "from_precision", Precision.DAY)
    return describe_period(row.valid_from, precision, row.valid_to, Precision.DAY)


@register.filter
def listed(names: Iterable[Any]) -> str:
    """ "Denmark, Estonia and Finland"."""
    return format_list([str(name) for name in names], locale=_locale())


@register.filter
def eur(amount: Decimal) -> str:
    return money.eur(amount)


@register.filter
def standing_on(country: Country, day: date) -> Membership | None:
    """What a country was in the CBSS on that day."""
    return country.standing_on(day)


@register.simple_tag
def permanent_address(record: Any) -> str:
    """The whole address of a record, from the settings and never from the request."""
    return f"{settings.SITE_URL}{record.get_absolute_url()}"


@register.inclusion_tag("_project_rows.html")
def project_rows(projects: Iterable[ListedProject], choosable: bool = False) -> dict[str, Any]:
    """Projects in a list, with a box to compare each where `choosable`."""
    return {"rows": [_project_row(project) for project in projects], "choosable": choosable}


def _project_row(project: ListedProject) -> dict[str, Any]:
    lead = project.lead()
    return {
        "project": project,
        "url": project.get_absolute_url(),
        "language": foreign(project.title_language),
        "lead": lead and (lead.name or lead.country),
        "lead_language": foreign(lead.language) if lead and lead.language else "",
        "lead_country": lead and lead.country,
        "countries": ", ".join(project.other_countries()),
        "status": _status_mark(project.status),
        "amount": money.of_project(project),
    }


@cache
def _status_mark(status: str) -> SafeString:
    """The mark of a status, which every row of a list has: drawn once."""
    label = capfirst(ProjectStatus(status).label)
    return render_to_string("_status.html", {"status": status, "label": label})


@register.inclusion_tag("_partner_row.html")
def partner_row(partner: Any) -> dict[str, Any]:
    """An organisation in a list; it needs what `for_list()` loads."""
    return {
        "partner": partner,
        "name": _name_of(partner),
        "found": getattr(partner, "found", None),
        "led": partner.number_led,
        "joined": partner.number_of_projects,
    }


@register.inclusion_tag("_sources.html")
def sources(rows: Iterable[Source]) -> dict[str, Any]:
    """Where what a page says was published: each source once, with all that it is given for."""
    by_source: dict[tuple[str, str], list[dict[str, str]]] = {}
    for row in rows:
        says = {"what": capfirst(row.get_about_display()), "note": row.note}
        by_source.setdefault((row.citation, row.url), []).append(says)
    return {
        "sources": [
            {"text": text, "url": url, "says": says} for (text, url), says in by_source.items()
        ]
    }


def _name_of(record: Partner | Country) -> dict[str, str]:
    """A name and the language in which it must be read out."""
    return {"text": str(record), "language": foreign(getattr(record, "name_language", "en"))}


@register.inclusion_tag("_breadcrumbs.html")
def breadcrumbs(*labels_and_urls: str, language: str = "") -> dict[str, Any]:
    """The way from the home page: label, url, label, url …, and this page's label at the end."""
    *above, here = labels_and_urls
    crumbs = [
        {"label": label, "url": url} for label, url in zip(above[::2], above[1::2], strict=True)
    ]
    return {"crumbs": [*crumbs, {"label": here, "language": language}]}
