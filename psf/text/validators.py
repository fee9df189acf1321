"""Validators of texts and days: language codes, invisible characters, and years."""

import re
from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

language_tag = RegexValidator(
    r"^[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*\Z", _("Give a language code, such as lv or sv-FI.")
)

# Universities are centuries old. A year of one figure is a typing mistake.
FIRST_YEAR, LAST_YEAR = 1000, 2999

# Invisible characters that change the direction of the letters after them (Unicode Standard
# Annex 9: embeddings, overrides and isolates).
BIDI_CONTROLS = "\u202a-\u202e\u2066-\u2069"


LINE_ENDS = "\t\n\r\u2028\u2029"
# NUL is missing here: every form field of Django refuses it.
INVISIBLE = f"\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f{BIDI_CONTROLS}"


def validate_lines(text: object) -> None:
    """Refuse control characters, and characters that change the displayed order of letters."""
    _refuse(INVISIBLE, text)


def validate_line(text: object) -> None:
    """Refuse the characters that `validate_lines` refuses, tabs and ends of lines."""
    _refuse(INVISIBLE + LINE_ENDS, text)


def _refuse(characters: str, value: object) -> None:
    text = str(value)
    if match := re.search(f"[{characters}]", text):
        raise ValidationError(
            _("Delete the invisible character (U+%(code)04X) after “%(before)s”."),
            params={"code": ord(match[0]), "before": text[: match.start()][-20:]},
        )


def validate_day(day: date) -> None:
    """Refuse a year that is surely a typing mistake. A time near the year 1 has no UTC."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValidationError(
            _("The year %(year)s cannot be right. Write it with four figures, such as 2027."),
            params={"year": f"{day.year:04}"},
        )
