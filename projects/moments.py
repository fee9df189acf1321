"""Moments at which what readers see changes without anybody writing."""

from datetime import datetime, time, timedelta

from django.db.models import Model
from django.utils import timezone

from .models import Call, Decision, Listing

MOMENTS: list[tuple[type[Model], list[str]]] = [
    (Call, ["published_at", "opens_at", "closes_at"]),
    (Decision, ["published_at"]),
    (Listing, ["since"]),
]


def next_change(now: datetime) -> datetime:
    """The first moment after `now` at which the same records show something else.

    At the latest midnight: what a country is in the CBSS, it is on a day.
    """
    tomorrow = timezone.localtime(now).date() + timedelta(days=1)
    found = [timezone.make_aware(datetime.combine(tomorrow, time.min))]
    for model, fields in MOMENTS:
        for field in fields:
            rows = model._default_manager.filter(**{f"{field}__gt": now}).order_by(field)
            found += rows.values_list(field, flat=True)[:1]
    return min(found)
