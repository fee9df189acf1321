"""The public changes of records, computed again only when the history of a record goes on."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from django.db import connection
from django.utils.translation import gettext_lazy as _

from psf.database.sql import chunked
from psf.public_changes.candidates import Span, load_span, load_spans
from psf.public_changes.events import Event, EventEntry
from psf.public_changes.record_kinds import KINDS, PublicKind
from psf.public_changes.versions import Version, load_versions

KEYS_AT_ONCE = 25  # the versions of a record take about 60 kB until its changes are known
MAX_CACHED = 10_000  # records: a worker takes about 2.5 kB for each
TITLES = {
    Event.CHANGED: _("%(record)s: changed"),
    Event.CORRECTED: _("%(record)s: corrected"),
    Event.RESULTS: _("%(record)s: the results"),
}


class RecordChanges(NamedTuple):
    """The changes of a public record since its publication, the oldest first.

    `newest_at` is the moment of the last change, or of the publication.
    """

    newest_at: datetime
    entries: list[EventEntry]


class History(NamedTuple):
    """Everything that decides the public versions of a record: rows of the history never change."""

    kind: str
    key: str
    span: Span
    since: datetime
    results_since: datetime | None


_cached: dict[History, RecordChanges] = {}


def load_record_changes(kind: PublicKind, keys: Collection[str]) -> dict[str, RecordChanges]:
    """The changes of public records by key. Records that surely have no changes are missing.

    Callers must not change the entries.
    """
    return _load(kind, load_spans(kind, keys))


def changes_of_page(kind_name: str, key: int) -> list[EventEntry]:
    """The changes of one public record, the oldest first."""
    kind = KINDS[kind_name]
    changes = _load(kind, load_span(kind, str(key)))
    return [entry for record in changes.values() for entry in record.entries]


def load_entries(kind: PublicKind, keys: Collection[str]) -> list[EventEntry]:
    """The changes of the records, without the results of calls, which have their own entries."""
    return [
        entry
        for changes in load_record_changes(kind, keys).values()
        for entry in changes.entries
        if entry.event != Event.RESULTS
    ]


def _load(kind: PublicKind, spans: dict[str, Span]) -> dict[str, RecordChanges]:
    if not spans:  # most pages
        return {}
    since = kind.load_since(list(spans))
    moments = kind.load_results_since(list(since))
    histories = {
        key: History(kind.name(), key, spans[key], since[key], moments.get(key)) for key in since
    }
    # The history of a transaction may be rolled back.
    cached = {} if connection.in_atomic_block else _cached
    changes = {key: known for key in since if (known := cached.get(histories[key]))}
    new = [key for key in since if key not in changes]
    for keys in chunked(new, KEYS_AT_ONCE):
        versions = load_versions(kind, keys)
        for key in keys:
            changes[key] = _changes_of(kind, key, since[key], versions.get(key, []))
            cached[histories[key]] = changes[key]
    if len(cached) > MAX_CACHED:
        cached.clear()
    return changes


def _changes_of(
    kind: PublicKind, key: str, since: datetime, versions: list[Version]
) -> RecordChanges:
    entries = [
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
    return RecordChanges(entries[-1].at if entries else since, entries)
