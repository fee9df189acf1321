"""Days and moments of which only the month or the year is known."""

from datetime import date, datetime, timedelta
from functools import cache
from typing import cast

from django.db import models
from django.utils.dates import MONTHS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class Precision(models.TextChoices):
    """How much of a stored day or moment is known.

    A beginning is stored as the first day, an end as the last day, of what is known:
    "to November 2020" is 2020-11-30 with `MONTH`.
    """

    MINUTE = "minute", gettext_lazy("to the minute")
    DAY = "day", gettext_lazy("the day")
    MONTH = "month", gettext_lazy("only the month")
    YEAR = "year", gettext_lazy("only the year")


DAY_PRECISIONS = [choice for choice in Precision.choices if choice[0] != Precision.MINUTE]


def describe(when: date, precision: str) -> str:
    """What is known of a day or moment in words; a moment names its zone."""
    year = f"{when.year:04}"
    if precision == Precision.YEAR:
        return year
    month = f"{_month(when.month)} {year}"
    if precision == Precision.MONTH:
        return month
    day = f"{when.day} {month}"
    if precision == Precision.MINUTE:
        return f"{day}, {when:%H:%M} {cast(datetime, when).tzname()}"
    return day


@cache
def _month(number: int) -> str:
    return str(MONTHS[number])


def describe_period(
    start: date | None, start_precision: str, end: date | None, end_precision: str
) -> str:
    """A period in words: "September 2019 to November 2020"; "" when nothing is known."""
    begins = describe(start, start_precision) if start else ""
    ends = describe(end, end_precision) if end else ""
    if begins and begins == ends:
        return begins
    if begins and ends:
        return _("%(begins)s to %(ends)s") % {"begins": begins, "ends": ends}
    if begins:
        return _("from %(begins)s") % {"begins": begins}
    if ends:
        return _("until %(ends)s") % {"ends": ends}
    return ""


def months_of(first: date, last: date) -> int:
    """How many months the days from first to last take; a month that has begun counts whole."""
    months = (last.year - first.year) * 12 + last.month - first.month
    return months + (last.day >= first.day)


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier, or the last of that month where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    first = date(year, month + 1, 1)
    return min(first + timedelta(days=day.day - 1), _last_of(first))


def _last_of(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
