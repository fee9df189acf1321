"""The names of languages, and which names need a mark of their language."""

from functools import cache

from django.utils.translation import gettext_lazy as _

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
