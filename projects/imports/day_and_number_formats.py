"""Notations of numbers and days in a file. An ambiguous cell is not read."""

import re
from datetime import date, datetime, time
from decimal import Decimal
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy

from psf.database.constraints import validate_amount
from psf.text.numbers import parse_declared_amount
from psf.text.validators import validate_day

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
            _("This is not a number in the chosen notation, such as %(example)s.")
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
            _("This is not a day in the chosen notation, such as %(example)s.")
            % {"example": notation.example.split(", ")[-1]}
        )
    try:
        day = date(*(int(match[part]) for part in ("year", "month", "day")))
    except ValueError:
        raise ValidationError(_("This day does not exist.")) from None
    validate_day(day)
    return day
