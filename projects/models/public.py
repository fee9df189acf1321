"""The one rule of what readers may see of projects, as SQL."""

from datetime import datetime

from django.db.models import Q
from django.utils import timezone


def is_public(at: datetime | None = None, through: str = "") -> Q:
    """The rule of what anyone may see of a project at this moment (`at`, or now).

    `through` leads from other rows to their project, as "project__". Joins, and not a list of
    keys: databases would make that list anew for each row of a query around this one.
    """
    at = at or timezone.now()
    return Q(
        **{
            f"{through}published_at__lte": at,
            f"{through}unpublished_at__isnull": True,
            f"{through}call__published_at__lte": at,
        }
    )
