"""Finds amounts of money in running text: digits, magnitude and currency."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from django.core.exceptions import ValidationError

from psf.database.constraints import GREATEST_AMOUNT
from psf.text.amount_parser import parse_amount, parse_declared_amount

SPACE = "[ \u00a0\u2009\u202f]"
DIGITS = (
    r"[0-9]{1,3}(?:[ \u00a0\u2009\u202f.,'\u2019][0-9]{3})+(?![0-9])(?:[.,][0-9]{1,2})?"
    r"|[0-9]+(?:[.,][0-9]+)?"
)
EURO = r"EUR(?![A-Za-z])|€|euros?\b"
OTHER = (
    r"(?:DKK|SEK|NOK|ISK|PLN|RUB|USD|GBP|CHF|CZK|HUF|RON|UAH|BYN|LVL|LTL|EEK)\b|[$£]|kr\b|K[čc]\b|"
    r"(?:(?:Danish|Swedish|Norwegian|Icelandic)\s)?(?:kron(?:er|or|ur|a|e)|crowns)\b"
    r"|z[lł]oty\b|r(?:o?u)bles?\b|dollars\b|pounds\b"
)
CURRENCY = re.compile(rf"(?:(?<![A-Za-z])|(?<=\b[TtKkMm]))(?:{EURO}|{OTHER})", re.IGNORECASE)
MAGNITUDES = {"t": 10**3, "k": 10**3, "m": 10**6, "b": 10**9}
AMOUNT = re.compile(
    rf"(?<![\w.,'\u2019])(?:(?P<scale_before>[TKM])?(?P<before>{EURO}|{OTHER}){SPACE}?)?"
    rf"(?P<digits>{DIGITS})(?:[.,][-–—]{{1,2}})?(?![\d%])"
    rf"(?:{SPACE}?(?P<scale>(?:thousand|tsd|k|millions?|mio|mln|mill|m|billions?|bn)\b\.?"
    rf"|[TKM](?=EUR|€)))?"
    rf"(?:{SPACE}?(?P<after>{EURO}|{OTHER}))?",
    re.IGNORECASE,
)
RANGE = re.compile(rf"{SPACE}{{0,3}}(?:[-–—/]|to\b|or\b)\s{{0,3}}(?:EUR|€)?{SPACE}?[0-9]", re.I)

ENDS_IN_DIGIT = re.compile(rf"[0-9]{SPACE}?\Z")


class TextAmount(NamedTuple):
    """An amount in a text. `value` is None unless number and currency (EUR) are certain."""

    value: Decimal | None
    start: int
    end: int


def find_amounts(text: str) -> Iterator[TextAmount]:
    """Yield the numbers with a currency. A number alone, such as 70 %, is not an amount."""
    for match in AMOUNT.finditer(text):
        if match["before"] or match["after"]:
            start, end = match.span()
            is_part = RANGE.match(text, end) or ENDS_IN_DIGIT.search(
                text[max(0, start - 2) : start]
            )
            yield TextAmount(None if is_part else _value(match), start, end)


def amount_at_start(text: str) -> Decimal | None:
    """Return the amount at the beginning of the text, if it is certain."""
    amount = next(find_amounts(text), None)
    return amount.value if amount and amount.start == 0 else None


def _value(match: "re.Match[str]") -> Decimal | None:
    currencies = [match[name] for name in ["before", "after"] if match[name]]
    if not all(re.fullmatch(EURO, currency, re.IGNORECASE) for currency in currencies):
        return None
    words = filter(None, [match["scale_before"], match["scale"]])
    scales = [MAGNITUDES[word[0].lower()] for word in words]
    number = _number(match["digits"])
    if number is None or len(scales) > 1:
        return None
    value = number * (scales[0] if scales else 1)
    return value if value <= GREATEST_AMOUNT else None


def _number(digits: str) -> Decimal | None:
    """Return the number. Announcements are in English: 65,000 is certain, 65.000 is not."""
    try:
        number = parse_declared_amount(digits, decimal=".", group=",")
        return parse_amount(digits) if number is None else number
    except ValidationError:
        return None
