"""Numbers in words and digits, and amounts as people type them."""

import re
from decimal import Decimal
from functools import lru_cache

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _, gettext_lazy

NO_BREAK = "\N{NO-BREAK SPACE}"


@lru_cache(maxsize=1000)
def number(value: Decimal | int) -> str:
    """Format a number in groups of three digits, joined by no-break spaces: 65 000, 65 000.50."""
    digits = f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"
    return digits.replace(",", NO_BREAK)


def short_number(value: int) -> str:
    """A number for a narrow place, in thousands from 10 000: 10 449 reads "10.4k"."""
    return str(value) if value < 10_000 else f"{value / 1000:.{int(value < 100_000)}f}k"


def number_word(value: int) -> str:
    """A number inside a sentence: a word up to twelve, then digits."""
    words = _("no one two three four five six seven eight nine ten eleven twelve").split()
    return words[value] if value < len(words) else number(value)


def eur(amount: Decimal) -> str:
    """65 000 EUR."""
    return f"{number(amount)}{NO_BREAK}EUR"


HOW_TO_WRITE = gettext_lazy("Write 65000, 65 000 or 65 000.50.")
LONGEST = 20  # characters
NO_BREAK_SPACES = "\N{NO-BREAK SPACE}\N{THIN SPACE}\N{NARROW NO-BREAK SPACE}"
APOSTROPHE = "\N{RIGHT SINGLE QUOTATION MARK}"
_TYPED_SIGNS = str.maketrans(dict.fromkeys(NO_BREAK_SPACES, " ") | {APOSTROPHE: "'"})
_CURRENCY = re.compile(r"(?:EUR|€) ?(?P<before>.+)|(?P<after>.+?) ?(?:EUR|€)", re.IGNORECASE)
_AMOUNT = re.compile(
    r"(?P<whole>-?(?:[0-9]+|[0-9]{1,3}(?P<group>[ '.,])[0-9]{3}(?:(?P=group)[0-9]{3})*))"
    r"(?:(?P<decimal>[.,])(?P<cents>[0-9]+))?"
)


def parse_amount(text: str) -> Decimal:
    """The amount of a text such as "65 000.50", "65.000,50 EUR" or "65'000".

    ValidationError asks which amount an ambiguous text means, or says how to write an amount.
    """
    match = _match(text)
    if match is None:
        raise ValidationError(_("This is not an amount in EUR. Write 65000, 65 000 or 65 000.50."))
    if _is_ambiguous(match):
        raise ValidationError(_question(match))
    return _value(match)


def parse_declared_amount(text: str, decimal: str, group: str) -> Decimal | None:
    """The amount, if the text follows a declared notation; None for any other text.

    `decimal` is the sign before cents, `group` the sign between thousands, "" for none.
    ValidationError asks where three digits follow the sign before cents.
    """
    match = _match(text)
    if match and _is_ambiguous(match):
        if match["decimal"] == group:
            return _value(match, is_whole=True)
        if match["decimal"] == decimal:
            raise ValidationError(_question(match))
    if not match or match["decimal"] not in (None, decimal) or match["group"] not in (None, group):
        return None
    return _value(match)


def _match(text: str) -> re.Match[str] | None:
    """The parts of an amount, with or without the currency."""
    text = text.translate(_TYPED_SIGNS).strip()
    if currency := _CURRENCY.fullmatch(text):
        text = currency["before"] or currency["after"]
    match = _AMOUNT.fullmatch(text) if len(text) <= LONGEST else None
    has_one_sign_twice = match and match["group"] and match["group"] == match["decimal"]
    return None if has_one_sign_twice else match


def _is_ambiguous(match: re.Match[str]) -> bool:
    """Whether a single sign is followed by three digits, as in 65.000."""
    return bool(re.fullmatch("-?[1-9][0-9]{0,2}[.,][0-9]{3}", match[0]))


def _question(match: re.Match[str]) -> str:
    first, last = match["whole"], match["cents"]
    small = f"{first}.{last}".rstrip("0").rstrip(".")
    large = f"{first}{last}"
    return _("“%(text)s” is ambiguous: is it %(small)s or %(large)s EUR? Write %(example)s.") % {
        "text": match[0],
        "small": small,
        "large": f"{first} {last}",
        "example": _("%(small)s or %(large)s") % {"small": small, "large": large},
    }


def _value(match: re.Match[str], *, is_whole: bool = False) -> Decimal:
    digits = re.sub("[ '.,]", "", match["whole"])
    cents = match["cents"] or "0"
    amount = Decimal(f"{digits}{cents}" if is_whole else f"{digits}.{cents}")
    if amount != round(amount, 2):
        raise ValidationError(_("An amount has at most two decimals."))
    return round(amount, 2)
