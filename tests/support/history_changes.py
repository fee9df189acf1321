"""The changes of the history, as `psf.followed_values` reads them."""

from psf.followed_values.changes import ChangedRow, Changes
from psf.history.models import Change

COLUMNS = ["pk", "change_set", "change_set__made_at", "kind", "key", "record_kind", "record_key"]
COLUMNS += ["before", "after"]


def last_change():
    newest = Change.objects.order_by("-pk").first()
    return newest.pk if newest else 0


def changes_after(key, since, until=None):
    """The changes with a greater key, also those of an open transaction."""
    rows = Change.objects.filter(pk__gt=key).order_by("pk").values_list(*COLUMNS)
    return Changes([*map(ChangedRow._make, rows)], since, until or since)
