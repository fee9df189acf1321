"""Words that pages and letters share: languages, lists of names, periods, addresses."""

from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Any, cast

from django.conf import settings
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from projects.models import ProjectStatus, Source
from psf.text.dates import Precision, describe_period

# As CLDR calls the languages of the region and some more. Others are few: CLDR names them itself.
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


def foreign(language: str | None) -> str:
    """The language of a name where it must be marked: the pages themselves are in English."""
    return "" if not language or language.split("-")[0].lower() == "en" else language


def language_name(language: str) -> str:
    """ "lv" as "Latvian"; a language without a known name as its own tag."""
    code = language.split("-")[0].lower()
    return str(LANGUAGES[code]) if code in LANGUAGES else _name_in_cldr(code) or language


@cache
def _name_in_cldr(code: str) -> str | None:
    from babel import Locale  # here and not above: each worker would hold five megabytes

    return Locale("en", "GB").languages.get(code)


def period(row: Any) -> str:
    """From when to when a name or a membership holds; "" when neither is known."""
    precision = getattr(row, "from_precision", Precision.DAY)
    return describe_period(row.valid_from, precision, row.valid_to, Precision.DAY)


def listed(names: Iterable[Any]) -> str:
    """ "Denmark, Estonia and Finland"."""
    *first, last = [str(name) for name in names] or [""]
    if not first:
        return last
    return gettext("%(first)s and %(last)s") % {"first": ", ".join(first), "last": last}


def permanent_address(record: Any) -> str:
    """The whole address of a record, from the settings and never from the request."""
    return f"{settings.SITE_URL}{record.get_absolute_url()}"


def chosen(record: Any, field: str) -> str:
    """What the choice in a field of a record is called, as `get_FIELD_display()` says it.

    Django looks through all choices of the field each time, and translates each of them.
    """
    return choice_called(cast(Any, type(record)), field, getattr(record, field))


@lru_cache(maxsize=500)
def choice_called(model: Any, field: str, value: str) -> str:
    """What a choice in a field of a model is called, where no record is at hand."""
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
