"""Days and times with a precision: to the minute, the day, the month or the year."""

from calendar import monthrange
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, cast

from django.db import models
from django.utils import timezone
from django.utils.dates import MONTHS
from django.utils.translation import gettext as _, gettext_lazy

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


class Precision(models.TextChoices):
    """How precisely a stored day or time is known.

    A period starts on the first day of the known month or year and ends on the last day. For
    example, "to November 2020" is 2020-11-30 with `MONTH`.
    """

    MINUTE = "minute", gettext_lazy("to the minute")
    DAY = "day", gettext_lazy("the day")
    MONTH = "month", gettext_lazy("only the month")
    YEAR = "year", gettext_lazy("only the year")


# With a lower precision the day is unknown.
KNOWN_DAYS = [Precision.MINUTE, Precision.DAY]


def precision_field(label: "StrPromise", is_time: bool = False) -> "models.CharField[Any, str]":
    """The precision of a day, or of a time. Only a time can be known to the minute."""
    choices = Precision.choices if is_time else Precision.choices[1:]
    return models.CharField(label, max_length=6, choices=choices, default=choices[0][0])


def describe(when: date, precision: str) -> str:
    """Return a day or time in words, as precisely as known. A time names the time zone."""
    year = f"{when.year:04}"
    if precision == Precision.YEAR:
        return year
    month = f"{MONTHS[when.month]} {year}"
    if precision == Precision.MONTH:
        return month
    day = f"{when.day} {month}"
    if precision == Precision.MINUTE:
        return f"{day}, {when:%H:%M} {cast(datetime, when).tzname()}"
    return day


def iso_date(when: date | None, precision: str) -> str:
    """Return a day or time in ISO 8601, as precisely as known: "2019", "2019-09"; "" if unknown."""
    if when is None:
        return ""
    lengths = {Precision.YEAR: 4, Precision.MONTH: 7, Precision.DAY: 10}
    return when.isoformat()[: lengths.get(Precision(precision))]


def describe_moment(moment: datetime) -> str:
    """Return a moment to the minute, in the time zone of the site."""
    return describe(timezone.localtime(moment), Precision.MINUTE)


def describe_period(
    start: date | None, start_precision: str, end: date | None, end_precision: str
) -> str:
    """Return a period in words, such as "September 2019 to November 2020"; "" if unknown."""
    first = describe(start, start_precision) if start else ""
    last = describe(end, end_precision) if end else ""
    if first and first == last:
        return first
    if first and last:
        return _("%(begins)s to %(ends)s") % {"begins": first, "ends": last}
    if first:
        return _("from %(begins)s") % {"begins": first}
    if last:
        return _("until %(ends)s") % {"ends": last}
    return ""


def years_of_period(start: date | None, end: date | None) -> str:
    """Return the years of a period, such as "2019–2020" or "until 2020"; "" if unknown."""
    if start and end:
        return f"{start.year}" if start.year == end.year else f"{start.year}–{end.year}"
    if start:
        return _("from %(begins)s") % {"begins": start.year}
    return _("until %(ends)s") % {"ends": end.year} if end else ""


def months_of(first: date, last: date) -> int:
    """Count the months from the first to the last day. A month that has started counts as one."""
    months = (last.year - first.year) * 12 + last.month - first.month
    return months + (last.day >= first.day)


def months_before(day: date, months: int) -> date:
    """Return the same day `months` earlier, or the last day of a month that is too short."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    last = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))
