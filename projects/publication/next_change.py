"""Scheduled moments when public pages change without a new write."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Model, QuerySet

from projects.models import Call, Decision, Project
from psf.database.parameters import NOW
from psf.database.prepared import Prepared

MOMENTS: list[tuple[type[Model], list[str]]] = [
    (Call, ["published_at", "opens_at", "closes_at"]),
    (Decision, ["published_at"]),
    (Project, ["published_at"]),
]


def next_change(now: datetime) -> datetime:
    """The first moment after `now` when public pages change, at the latest midnight.

    At midnight the membership of a country can change, and in the time zone of a call the number
    of days left.
    """
    zones = Call.objects.filter(closes_at__gt=now).order_by().values_list("time_zone", flat=True)
    midnights = {_midnight(now, zone) for zone in [settings.TIME_ZONE, *zones.distinct()]}
    return min([*midnights, *(moment for (moment,) in _next_moments(at=now))])


def _midnight(now: datetime, zone: str) -> datetime:
    """The end of the day in a time zone."""
    today = now.astimezone(ZoneInfo(zone)).date()
    return datetime.combine(today + timedelta(days=1), time.min, ZoneInfo(zone))


@Prepared
def _next_moments() -> list[QuerySet]:
    """The first moment of each field after `at`, if any."""
    return [
        model._default_manager.filter(**{f"{field}__gt": NOW})
        .order_by(field)
        .values_list(field)[:1]
        for model, fields in MOMENTS
        for field in fields
    ]
