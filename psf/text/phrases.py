"""Phrases that pages and letters share: languages, lists of names, periods, addresses."""

from collections.abc import Iterable
from datetime import date
from functools import cache, lru_cache
from typing import Any, Protocol, cast

from django.conf import settings
from django.db.models import Field, Model
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from projects.models import ProjectStatus, Source
from psf.text.dates import Precision, describe_period

# The names of frequent languages in CLDR. The names of other languages are read from CLDR.
LANGUAGES = {
    "be": _("Belarusian"),
    "cs": _("Czech"),
    "da": _("Danish"),
    "de": _("German"),
    "en": _("English"),
    "es": _("Spanish"),
    "et": _("Estonian"),
    "fi": _("Finnish"),
    "fo": _("Faroese"),
    "fr": _("French"),
    "is": _("Icelandic"),
    "it": _("Italian"),
    "kl": _("Kalaallisut"),
    "lt": _("Lithuanian"),
    "lv": _("Latvian"),
    "nb": _("Norwegian Bokmål"),
    "nl": _("Dutch"),
    "nn": _("Norwegian Nynorsk"),
    "no": _("Norwegian"),
    "pl": _("Polish"),
    "ru": _("Russian"),
    "se": _("Northern Sami"),
    "sv": _("Swedish"),
    "uk": _("Ukrainian"),
}


def foreign_language(language: str | None) -> str:
    """Return the language tag of a text, or "" for English, the language of the pages."""
    return "" if not language or language.split("-")[0].lower() == "en" else language


def language_name(language: str) -> str:
    """Return the name of a language, such as "Latvian" for "lv", or the tag if CLDR has no name."""
    code = language.split("-")[0].lower()
    return str(LANGUAGES[code]) if code in LANGUAGES else _name_in_cldr(code) or language


@cache
def _name_in_cldr(code: str) -> str | None:
    from babel import Locale  # imported late to save memory: few pages need CLDR

    return Locale("en", "GB").languages.get(code)


class Dated(Protocol):
    """A record that is valid from one day to another."""

    @property
    def valid_from(self) -> date | None: ...

    @property
    def valid_to(self) -> date | None: ...


def period(row: Dated) -> str:
    """Return the period of validity in words; "" if no day is known."""
    precision = getattr(row, "from_precision", Precision.DAY)
    return describe_period(row.valid_from, precision, row.valid_to, Precision.DAY)


def join_names(names: Iterable[object]) -> str:
    """Join names into a phrase, such as "Denmark, Estonia and Finland"."""
    *first, last = [str(name) for name in names] or [""]
    if not first:
        return last
    return gettext("%(first)s and %(last)s") % {"first": ", ".join(first), "last": last}


class Addressed(Protocol):
    """A record with a page."""

    def get_absolute_url(self) -> str: ...


def permanent_address(record: Addressed) -> str:
    """Return the full address of a record. The host comes from the settings, not the request."""
    return f"{settings.SITE_URL}{record.get_absolute_url()}"


def choice_label(record: Model, field: str) -> str:
    """Return the same as `get_FIELD_display()`, without translating all choices every time."""
    return label_of_choice(type(record), field, getattr(record, field))


@lru_cache(maxsize=500)
def label_of_choice(model: type[Model], field: str, value: str) -> str:
    """Return the label of a choice in a field of a model."""
    choices = cast(Field, model._meta.get_field(field)).flatchoices
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
