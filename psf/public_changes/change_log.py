"""The public changes of records, computed only when the history of a record goes on; the log."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Count, F, Max, Min, Q

from psf.database.sql import chunked
from psf.history.models import Action, Change
from psf.public_changes.events import SOURCES, Event, EventEntry, sort_events
from psf.public_changes.sentences import TITLES
from psf.public_changes.versions import KINDS, PublicKind, Version, load_versions

KEYS_AT_ONCE = 25  # the versions of a record take about 60 kB until its changes are known
# The newest events of each source, and the records in the newest sets of changes.
MAX_EVENTS = 1000
MAX_RECORDS = 5000
MAX_CACHED = 10_000  # records: a worker takes about 2.5 kB for each


class RecordHistory(NamedTuple):
    """Everything that decides the public versions of a record: rows of the history never change.

    The moment tells the last change set from a set with the same number, after a backup was
    restored.
    """

    kind: str
    key: str
    last: int
    last_at: datetime
    rows: int
    since: datetime
    results_since: datetime | None


_cached: dict[RecordHistory, list[EventEntry]] = {}


def load_record_changes(kind: PublicKind, keys: Collection[str]) -> dict[str, list[EventEntry]]:
    """The changes of public records since their publication by key, the oldest first.

    Records that surely have no changes are missing. Callers must not change the entries.
    """
    histories = _load_histories(kind, keys)
    # The history of a transaction may be rolled back.
    cached = {} if connection.in_atomic_block else _cached
    changes = {key: cached[row] for key, row in histories.items() if row in cached}
    for part in chunked((key for key in histories if key not in changes), KEYS_AT_ONCE):
        since = {key: histories[key].since for key in part}
        results = {key: at for key in part if (at := histories[key].results_since)}
        versions = load_versions(kind, since, results)
        for key in part:
            changes[key] = cached[histories[key]] = _entries(kind, key, versions.get(key, []))
    if len(cached) > MAX_CACHED:
        cached.clear()
    return changes


def _load_histories(kind: PublicKind, keys: Collection[str]) -> dict[str, RecordHistory]:
    """The histories of the public records with changes later than their publication."""
    rows = Change.objects.filter(
        record_kind=kind.name(), record_key__in=keys, kind__in=kind.kinds_of_rows()
    )
    ends = (
        rows.order_by()
        .values("record_key")
        .annotate(last=Max("change_set"), last_at=Max("change_set__made_at"), rows=Count("pk"))
        .alias(
            first=Min("change_set"),
            added=Count("pk", filter=Q(kind=kind.name(), action=Action.ADDED)),
        )
        .exclude(added__gt=0, first=F("last"))
        .values_list("record_key", "last", "last_at", "rows")
    )
    histories: dict[str, Any] = {str(key): row for key, *row in ends}
    if not histories:  # most pages
        return {}
    since = kind.load_since([*histories])
    results = kind.load_results_since([*since])
    return {
        key: RecordHistory(kind.name(), key, last, last_at, number, since[key], results.get(key))
        for key, (last, last_at, number) in histories.items()
        if key in since and max(last_at, results.get(key, last_at)) > since[key]
    }


def changes_of_page(kind_name: str, key: int) -> list[EventEntry]:
    """The changes of one public record, the oldest first."""
    return load_record_changes(KINDS[kind_name], [str(key)]).get(str(key), [])


def load_entries(kind: PublicKind, keys: Collection[str]) -> list[EventEntry]:
    """The changes of the records, without the results of calls, which have their own entries."""
    changes = load_record_changes(kind, keys).values()
    return [entry for entries in changes for entry in entries if entry.event != Event.RESULTS]


def _entries(kind: PublicKind, key: str, versions: list[Version]) -> list[EventEntry]:
    return [
        EventEntry(
            version.at,
            version.event,
            kind.name(),
            key,
            str(TITLES[version.event]) % {"record": versions[-1].page.name},
            versions[-1].page.address,
            " ".join(version.sentences),
        )
        for version in versions[1:]
    ]


def load_log() -> list[EventEntry]:
    """The newest events, newest first: all of them while they are fewer than `MAX_EVENTS`."""
    entries = [entry for source in SOURCES for entry in source(MAX_EVENTS)]
    keys = _recent_keys()
    rare = Change.objects.filter(record_kind__in=[kind for kind in KINDS if KINDS[kind].is_rare])
    for kind, key in rare.order_by().values_list("record_kind", "record_key").distinct():
        keys[kind][key] = None
    return sort_events([*entries, *_entries_of(keys)])


def newest_change() -> datetime | None:
    """When readers last saw a change of a record; None if the newest sets have no such change."""
    return max((entry.at for entry in _entries_of(_recent_keys())), default=None)


Keys = dict[str, dict[str, None]]  # by kind


def _entries_of(keys: Keys) -> list[EventEntry]:
    return [entry for name, kind in KINDS.items() for entry in load_entries(kind, keys[name])]


def _recent_keys() -> Keys:
    """The keys of the records in the newest sets of changes."""
    # The columns of an index in their order: the database reads no other row.
    rows = Change.objects.order_by("-change_set", "-record_kind", "-record_key")
    newest = rows.values_list("change_set", "record_kind", "record_key").distinct()[:MAX_RECORDS]
    keys = defaultdict[str, dict[str, None]](dict)
    for _set, kind, key in newest:
        keys[kind][key] = None
    return keys
