"""The newest public events of all kinds of records."""

from collections import defaultdict

from psf.caching.memo import cached_until_change
from psf.history.models import Change
from psf.public_changes.events import SOURCES, EventEntry, sort_events
from psf.public_changes.record_changes import load_entries
from psf.public_changes.record_kinds import KINDS

# The newest events of each source, and the records in the newest sets of changes.
MAX_EVENTS = 1000
MAX_RECORDS = 5000


@cached_until_change.memoize
def load_log() -> list[EventEntry]:
    """The newest events, newest first: all of them while they are fewer than `MAX_EVENTS`.

    Callers must not change the list.
    """
    entries = [entry for source in SOURCES for entry in source(MAX_EVENTS)]
    keys = _recent_keys()
    for kind in KINDS.values():
        entries += load_entries(kind, keys[kind.name()])
    return sort_events(entries)


def _recent_keys() -> dict[str, dict[str, None]]:
    """The keys of the records in the newest sets of changes, and of all rare records, by kind."""
    # The columns of an index in their order: the database reads no other row.
    rows = Change.objects.order_by("-change_set", "-record_kind", "-record_key")
    newest = rows.values_list("change_set", "record_kind", "record_key").distinct()[:MAX_RECORDS]
    keys = defaultdict[str, dict[str, None]](dict)
    for _set, kind, key in newest:
        keys[kind][key] = None
    rare = Change.objects.filter(record_kind__in=[kind for kind in KINDS if KINDS[kind].is_rare])
    for kind, key in rare.order_by().values_list("record_kind", "record_key").distinct():
        keys[kind][key] = None
    return keys
