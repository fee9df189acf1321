"""The changes of the history, as `psf.followed_values` reads them."""

from psf.followed_values.changes import ChangedRow, Changes, _rows
from psf.history.models import Change


def last_change():
    newest = Change.objects.order_by("-pk").first()
    return newest.pk if newest else 0


def changes_after(key):
    """The changes with a greater key, also those of an open transaction."""
    rows = _rows().filter(pk__gt=key).order_by("pk")
    return Changes([*map(ChangedRow._make, rows)])
