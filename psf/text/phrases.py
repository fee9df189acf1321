"""Phrases, and the names of languages."""

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from django.conf import settings
from django.utils.text import get_text_list
from django.utils.translation import gettext


def foreign_language(language: str | None) -> str:
    """Return the language tag of a text, or "" for English, the language of the pages."""
    return "" if not language or language.split("-")[0].lower() == "en" else language


@cache
def language_name(language: str) -> str:
    """Return the name of a language, such as "Latvian" for "lv", or the tag if CLDR has no name."""
    from babel import Locale  # imported late to save memory: few pages need CLDR

    code = language.split("-")[0].lower()
    return str(Locale("en", "GB").languages.get(code, language))


BLANK_LINES = re.compile(r"\n\s*\n")


# Countries that have an article in a sentence.
_ARTICLE = re.compile(
    r"United .*|Netherlands|Bahamas|Gambia|Maldives|Philippines|.* (?:Islands|Republic|Territories)"
)


def in_sentence(name: object) -> str:
    """The name of a country within a sentence: "the Netherlands"."""
    return f"the {name}" if _ARTICLE.fullmatch(str(name)) else str(name)


def join_names(names: Iterable[object]) -> str:
    """Join names into a phrase, such as "Denmark, Estonia and Finland"."""
    return get_text_list([str(name) for name in names], gettext("and"))


def permanent_address(record: Any) -> str:
    """Return the full address of a record. The host comes from the settings, not the request."""
    return f"{settings.SITE_URL}{record.get_absolute_url()}"


def paragraphs_of(text: str) -> list[str]:
    """Return the paragraphs of a text, without empty paragraphs. Blank lines separate them."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return [part.strip() for part in BLANK_LINES.split(text) if part.strip()]
