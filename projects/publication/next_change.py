"""Scheduled moments when public pages change without a new write."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Model

from projects.models import Call, Decision, Project

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
    moments = [*midnights]
    for model, fields in MOMENTS:
        for field in fields:
            later = model._default_manager.filter(**{f"{field}__gt": now}).order_by(field)
            moments += later.values_list(field, flat=True)[:1]
    return min(moments)


def _midnight(now: datetime, zone: str) -> datetime:
    """The end of the day in a time zone."""
    today = now.astimezone(ZoneInfo(zone)).date()
    return datetime.combine(today + timedelta(days=1), time.min, ZoneInfo(zone))
