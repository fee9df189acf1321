"""What a cell says: texts, amounts, days, countries."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property, partial
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db.models import DateField, DecimalField, TextField
from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy

from partners.matching.country_names import CountryNames
from partners.models import Country
from projects.imports.file_rows import MARK, Unreadable
from projects.imports.problems import LONGEST_CELL
from projects.imports.template import FIELDS
from projects.models import Priority, Topic
from psf.database.constraints import validate_amount
from psf.text.folding import fold
from psf.text.numbers_and_amounts import parse_declared_amount
from psf.text.validators import BIDI_CONTROLS, validate_day

# Days from 1982 to 2064 as numbers of a spreadsheet.
SERIAL = re.compile(r"[345][0-9]{4}(?:\.0+)?\Z")
ISO_DAY = re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})\Z")
# Digits that a spreadsheet stores of a number. Further digits are rounding noise.
DIGITS_KEPT = 15


class Notation(NamedTuple):
    """The sign before cents, the sign between thousands, and the order of a day."""

    name: str | Promise
    decimal: str
    groups: str
    day: str  # a pattern besides ISO 8601, "" for none
    example: str


def _day(order: str, sign: str) -> str:
    parts = {"d": r"(?P<day>[0-9]{1,2})", "m": r"(?P<month>[0-9]{1,2})"}
    between = re.escape(sign)
    return between.join(parts[part] for part in order) + between + r"(?P<year>[0-9]{4})\Z"


PLAIN = "plain"
NOTATIONS = {
    PLAIN: Notation(gettext_lazy("Plain"), ".", "", "", "65000.50, 2019-08-31"),
    "british": Notation(
        gettext_lazy("British"), ".", ",", _day("dm", "/"), "65,000.50, 31/08/2019"
    ),
    "american": Notation(
        gettext_lazy("American"), ".", ",", _day("md", "/"), "65,000.50, 08/31/2019"
    ),
    "german": Notation(
        gettext_lazy("German, Danish, Dutch"), ",", ".", _day("dm", "."), "65.000,50, 31.08.2019"
    ),
    "nordic": Notation(
        gettext_lazy("Nordic, Baltic, Polish, French"),
        ",",
        " ",
        _day("dm", "."),
        "65 000,50, 31.08.2019",
    ),
}


def amount_in_cell(value: object, notation: Notation) -> Decimal:
    """An amount in EUR with at most two decimals. ValidationError says why the cell is not one."""
    if isinstance(value, bool | date):
        raise ValidationError(_("This is not an amount."))
    if isinstance(value, float):
        amount = Decimal(f"{value:.{DIGITS_KEPT}g}")
    elif isinstance(value, int | Decimal):
        amount = Decimal(value)
    else:
        amount = _parse_text(str(value), notation)
    validate_amount(amount)
    if amount != round(amount, 2):
        raise ValidationError(_("An amount has at most two decimals."))
    return round(amount, 2)


def _parse_text(text: str, notation: Notation) -> Decimal:
    amount = parse_declared_amount(text, notation.decimal, notation.groups)
    if amount is None:
        raise ValidationError(
            _("This amount cannot be read. Write it like %(example)s.")
            % {"example": notation.example.split(", ")[0]}
        )
    return amount


def day_in_cell(value: object, notation: Notation) -> date:
    """A day. ValidationError says why the cell is not one."""
    if isinstance(value, datetime):
        if value.time() != time():
            raise ValidationError(_("This is a day with a time. Write the day alone."))
        return value.date()
    if SERIAL.match(str(value)):
        raise ValidationError(
            _("This is the internal number of a day in a spreadsheet. Format the cells as days.")
        )
    text = value if isinstance(value, str) else ""
    match = ISO_DAY.match(text) or (re.match(notation.day, text) if notation.day else None)
    if not match:
        raise ValidationError(
            _("This day cannot be read. Write it like %(example)s.")
            % {"example": notation.example.split(", ")[-1]}
        )
    try:
        day = date(*(int(match[part]) for part in ("year", "month", "day")))
    except ValueError:
        raise ValidationError(_("This day does not exist.")) from None
    validate_day(day)
    return day


NOTHING = (None, "")
# Control characters, surrogates and characters that change the direction of text.
FORBIDDEN_CHARACTERS = re.compile(
    f"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff{BIDI_CONTROLS}]"
)
# Spreadsheets write long numbers so, without their last digits.
SHORTENED = re.compile(r"[0-9](?:[.,][0-9]+)?E\+[0-9]+", re.IGNORECASE)
# Invisible around a text: joiners, marks of direction, and what web pages leave in a copy.
MARKS = f"{MARK}\u00ad\u200b\u200c\u200d\u200e\u200f\u2060"
END_OF_LINE = re.compile(r"\s*\n\s*")
LOST_CHARACTER = "\ufffd"  # programs write it for a letter that they cannot decode


def read_text(value: object) -> str:
    """The text of a cell in Unicode form NFC, without surrounding blanks."""
    if isinstance(value, bool):
        raise ValidationError(_("Write text or a number here."))
    if isinstance(value, date | time | timedelta):
        raise ValidationError(_("This is a day or a time. Write text here."))
    if isinstance(value, float) and value.is_integer() and abs(value) < 10**DIGITS_KEPT:
        value = int(value)
    text = str(value).replace("\r\n", "\n").replace("\r", "\n").strip()
    # Before it is normalised, which takes quadratic time for many accents in a row.
    if len(text) > LONGEST_CELL:
        raise ValidationError(
            _("The text has %(length)d characters. A cell has at most %(most)d.")
            % {"length": len(text), "most": LONGEST_CELL}
        )
    text = unicodedata.normalize("NFC", text).strip(MARKS).strip()
    if match := FORBIDDEN_CHARACTERS.search(text):
        raise ValidationError(
            _("The text contains a character that cannot be stored (U+%(code)04X). Delete it.")
            % {"code": ord(match[0])}
        )
    if LOST_CHARACTER in text:
        raise ValidationError(
            _("The file has lost a letter here and shows U+FFFD instead. Type the letter again.")
        )
    if SHORTENED.fullmatch(text):
        raise ValidationError(
            _("A spreadsheet has shortened this number. Format the cell as text and type it again.")
        )
    return text


class CellReader:
    """Reads cells by column. ValidationError says why a cell is unreadable.

    `fields` are the fields of models whose values the cells have.
    """

    def __init__(self, notation: Notation, fields: Mapping[str, Any] = FIELDS) -> None:
        self._readers: dict[str, Callable[[Any], Any]] = {
            **{name: self._reader_of(field, notation) for name, field in fields.items()},
            "currency": _choice([("EUR", "EUR")]),
        }
        kinds = DateField | DecimalField
        self._not_texts = {name for name, field in fields.items() if isinstance(field, kinds)}

    def read(self, column: str, value: object) -> Any:
        """The value of a cell, None for an empty cell."""
        if isinstance(value, Unreadable):
            raise ValidationError(value.why)
        if isinstance(value, str) or (column not in self._not_texts and value is not None):
            value = read_text(value)
        return None if value in NOTHING else self._readers[column](value)

    def _reader_of(self, field: Any, notation: Notation) -> Callable[[Any], Any]:
        """The reader of the cells of a field, by its type."""
        if field.related_model is Country:
            return self._country
        if field.many_to_many:
            return _terms(field.related_model)
        if field.choices:
            return _choice(field.choices)
        if isinstance(field, DateField):
            return lambda value: field.clean(day_in_cell(value, notation), None)
        if isinstance(field, DecimalField):
            return partial(amount_in_cell, notation=notation)
        return _text(field)

    @cached_property
    def _countries(self) -> CountryNames:
        return CountryNames.from_database()

    def _country(self, value: str) -> str:
        code = self._countries.code_of(value) or self._countries.code_of(value.upper())
        if code is None:
            raise ValidationError(
                _("No country has this name. Use the English name or the ISO code.")
            )
        return code


def _terms(model: Any) -> Callable[[str], tuple[Priority | Topic, ...]]:
    """A reader of names with semicolons between."""
    terms = list(model.objects.all())
    by_name = {fold(term.name): term for term in terms}
    options = model._meta
    error = _("No %(kind)s has this name. The %(kinds)s are: %(names)s.")
    kinds = {"kind": options.verbose_name, "kinds": options.verbose_name_plural}

    def read(value: str) -> tuple[Priority | Topic, ...]:
        names = [fold(name) for name in value.split(";") if name.strip()]
        if not names or not all(name in by_name for name in names):
            raise ValidationError(
                error % {**kinds, "names": "; ".join(term.name for term in terms)}
            )
        return tuple(sorted({by_name[name] for name in names}, key=lambda term: term.name))

    return read


def _choice(choices: Iterable[tuple[str, object]]) -> Callable[[Any], str]:
    """A reader of a value or its label."""
    by_word = {str(word).casefold(): choice[0] for choice in choices for word in choice}

    def read(value: str) -> str:
        word = by_word.get(value.casefold())
        if word is None:
            raise ValidationError(
                _("Use one of these words: %(words)s.")
                % {"words": ", ".join(value for value, _label in choices)}
            )
        return word

    return read


def _text(field: Any) -> Callable[[Any], str]:
    """A reader with the limits and error messages of the model field.

    A text of one line gets a blank for each end of a line.
    """
    is_line = not isinstance(field, TextField)

    def read(text: str) -> str:
        text = END_OF_LINE.sub(" ", text) if is_line else text
        if field.max_length and len(text) > field.max_length:
            raise ValidationError(
                _("The text has %(length)d characters. At most %(most)d are allowed.")
                % {"length": len(text), "most": field.max_length}
            )
        return field.clean(text, None)

    return read
