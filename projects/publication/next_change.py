"""Scheduled moments when public pages change without a new write."""

from datetime import datetime, time, timedelta

from django.db.models import Model, QuerySet
from django.utils import timezone

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

    At midnight the membership of a country can change.
    """
    tomorrow = timezone.localtime(now).date() + timedelta(days=1)
    midnight = timezone.make_aware(datetime.combine(tomorrow, time.min))
    return min([midnight, *(moment for (moment,) in _next_moments(at=now))])


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
