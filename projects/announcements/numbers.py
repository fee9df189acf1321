"""Reads numbers and days in running text. Ambiguous ones are not read."""

import re
from datetime import date, time
from typing import NamedTuple

UNITS = [
    *["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"],
    *["eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen"],
    "nineteen",
]
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
VALUES = {word: value for value, word in enumerate(UNITS)} | {
    word: (index + 2) * 10 for index, word in enumerate(TENS)
}
_WORD = "|".join([*TENS, *sorted(UNITS, key=len, reverse=True)])
_DIGITS = r"\d{1,3}(?:[ \u00a0\u202f.,]\d{3}){1,3}|\d{1,9}"
NUMBER = re.compile(
    rf"(?<![\w.,])(?:(?P<digits>{_DIGITS})(?![\w%])"
    rf"|(?P<words>(?:{_WORD}|hundred)(?:(?:[ -]|\sand\s)(?:{_WORD}|hundred)){{0,3}})\b)",
    re.IGNORECASE,
)
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
MONTH = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    "|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
DAY = re.compile(
    rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.)?\s{{1,3}}(?:of\s{{1,3}})?(?P<month>{MONTH})\b"
    rf"(?:[.,]?\s{{1,3}}(?P<year>\d{{4}})\b)?"
    rf"|\b(?P<month2>{MONTH})\b\.?\s{{1,3}}(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?\b"
    rf"(?:,?\s{{1,3}}(?P<year2>\d{{4}})\b)?"
    r"|\b(?P<iso>\d{4}[-/]\d{2}[-/]\d{2})\b"
    r"|\b(?P<first>\d{1,2})[./-](?P<second>\d{1,2})[./-](?P<year3>\d{4})\b",
    re.IGNORECASE,
)
CLOCK = re.compile(
    r"\b(?:([01]?\d|2[0-3])[:.]([0-5]\d)\b(?!\d|\.\d)(?:\s{0,2}([ap])\.?m\b)?"
    r"|(1[0-2]|[1-9])\s{0,2}([ap])\.?m\b)",
    re.IGNORECASE,
)


class Number(NamedTuple):
    value: int
    start: int
    end: int


class Day(NamedTuple):
    """A day in a text. `day` is None if the year is missing or the day is ambiguous."""

    day: date | None
    text: str
    end: int


def find_numbers(text: str) -> list[Number]:
    """Return the whole numbers of a text, in digits or words."""
    return [Number(_value(match), match.start(), match.end()) for match in NUMBER.finditer(text)]


def read_number(text: str) -> int | None:
    """Return the number if the text is nothing else."""
    match = NUMBER.fullmatch(text.strip().removesuffix("."))
    return _value(match) if match else None


def _value(match: "re.Match[str]") -> int:
    if match["digits"]:
        return int(re.sub(r"\D", "", match["digits"]))
    total = 0
    for word in re.split(r"[\s-]+", match["words"].lower()):
        if word == "hundred":
            total = max(total, 1) * 100
        else:
            total += VALUES.get(word, 0)  # "and" adds nothing
    return total


def find_days(text: str) -> list[Day]:
    return [Day(_day(match), match.group(), match.end()) for match in DAY.finditer(text)]


def may_be_day(text: str, day: date) -> bool:
    """Whether words without a year, such as "31 March", can be this day."""
    return any(candidate.day == day for candidate in find_days(f"{text} {day.year}"))


def _day(match: "re.Match[str]") -> date | None:
    try:
        if match["iso"]:
            return date.fromisoformat(match["iso"].replace("/", "-"))
        if match["first"]:
            return _numeric_day(match)
        year = match["year"] or match["year2"]
        month = MONTHS.index((match["month"] or match["month2"])[:3].lower()) + 1
        return date(int(year), month, int(match["day"] or match["day2"])) if year else None
    except ValueError:
        return None  # there is no such day


def _numeric_day(match: "re.Match[str]") -> date | None:
    first, second, year = int(match["first"]), int(match["second"]), int(match["year3"])
    if first > 12 or first == second:
        return date(year, second, first)
    return date(year, first, second) if second > 12 else None


def read_clock(text: str) -> time | None:
    """Return the first time of day in the text, such as 23:59 or 11:59 pm."""
    match = CLOCK.search(text)
    if not match:
        return None
    hour, minute = int(match[1] or match[4]), int(match[2] or 0)
    half = (match[3] or match[5] or "").lower()
    if half and 1 <= hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    return time(hour, minute)
