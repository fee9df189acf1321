"""Words that pages and letters share: languages, lists of names, periods, addresses."""

from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Any, cast

from babel import Locale
from babel.lists import format_list
from django.conf import settings
from django.utils.text import capfirst
from django.utils.translation import get_language

from projects.models import ProjectStatus, Source
from psf.dates import Precision, describe_period


def _locale() -> Locale:
    return Locale.parse(get_language() or "en", sep="-")


def foreign(language: str | None) -> str:
    """The language of a name where it must be marked: the pages themselves are in English."""
    return "" if not language or language.split("-")[0].lower() == "en" else language


def language_name(language: str) -> str:
    """ "lv" as "Latvian"; a language without a known name as its own tag."""
    names = _locale().languages
    return names.get(language.split("-")[0].lower(), language)


def period(row: Any) -> str:
    """From when to when a name or a membership holds; "" when neither is known."""
    precision = getattr(row, "from_precision", Precision.DAY)
    return describe_period(row.valid_from, precision, row.valid_to, Precision.DAY)


def listed(names: Iterable[Any]) -> str:
    """ "Denmark, Estonia and Finland"."""
    return format_list([str(name) for name in names], locale=_locale())


def permanent_address(record: Any) -> str:
    """The whole address of a record, from the settings and never from the request."""
    return f"{settings.SITE_URL}{record.get_absolute_url()}"


def chosen(record: Any, field: str) -> str:
    """What the choice in a field of a record is called, as `get_FIELD_display()` says it.

    Django looks through all choices of the field each time, and translates each of them.
    """
    return _called(cast(Any, type(record)), field, getattr(record, field), get_language())


@lru_cache(maxsize=500)
def _called(model: Any, field: str, value: str, language: str | None) -> str:
    choices = model._meta.get_field(field).flatchoices
    return str(dict(choices).get(value, value))


@cache
def status_label(status: str) -> str:
    """The status of a project as the mark of it says."""
    return capfirst(str(ProjectStatus(status).label))


def by_source(rows: Iterable[Source]) -> list[dict[str, Any]]:
    """Where what a page says was published: each source once, with all that it is given for."""
    found: dict[tuple[str, str], list[dict[str, str]]] = {}
    for row in rows:
        says = {"what": capfirst(row.get_about_display()), "note": row.note}
        found.setdefault((row.citation, row.url), []).append(says)
    return [{"text": text, "url": url, "says": says} for (text, url), says in found.items()]
