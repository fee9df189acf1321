"""The open calls and their deadlines, as every page shows them."""

from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import F
from django.http import HttpRequest

from projects.models import Call, Phase
from psf.caching.values import at_each_version
from psf.text.dates import Precision, describe


@at_each_version
def open_call_keys() -> list[int]:
    """The keys of the calls that take applications now, the first to close first."""
    calls = Call.objects.public().in_phase(Phase.OPEN)
    return list(
        calls.order_by(F("closes_at").asc(nulls_last=True), "pk").values_list("pk", flat=True)
    )


def open_calls() -> list[Call]:
    """The calls that take applications now, the first to close first."""
    keys = open_call_keys()
    calls = Call.objects.public().in_bulk(keys) if keys else {}
    return [calls[key] for key in keys if key in calls]


class Deadline(NamedTuple):
    """The closing of a call in words; `time` and `city` are "" unless the minute is known."""

    day: str  # without the year; "" if only the year is known
    year: str
    time: str
    city: str


def deadline_of(call: Call) -> Deadline | None:
    """The closing of a call in its own time zone; None if it is not known."""
    if call.closes_at is None:
        return None
    moment = call.closes_at.astimezone(ZoneInfo(call.time_zone))
    is_minute = call.closes_precision == Precision.MINUTE
    words = describe(moment, Precision.DAY if is_minute else call.closes_precision)
    day, _space, year = words.rpartition(" ")
    city = call.time_zone.rpartition("/")[2].replace("_", " ")
    return Deadline(day, year, f"{moment:%H:%M}" if is_minute else "", city if is_minute else "")


def open_call_context(request: HttpRequest) -> dict[str, list[Call]]:
    """The open calls for the bar of each page that is read. A refused form asks no database."""
    return {"open_now": open_calls()} if request.method in ("GET", "HEAD") else {}
