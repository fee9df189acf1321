"""The newest public events of all kinds of records."""

from collections import defaultdict
from collections.abc import Collection

from django.utils.translation import gettext_lazy as _

from psf.caching.memo import cached_until_change
from psf.history.models import Change
from psf.public_changes.candidates import changed_records
from psf.public_changes.events import SOURCES, Event, EventEntry, sort_events
from psf.public_changes.record_kinds import KINDS, PublicKind
from psf.public_changes.versions import Version, load_versions

# The newest events, also of each source, and the records in the newest sets of changes.
MAX_EVENTS = 1000
MAX_RECORDS = 5000

TITLES = {Event.CHANGED: _("%(record)s: changed"), Event.CORRECTED: _("%(record)s: corrected")}


@cached_until_change.memoize
def load_log() -> list[EventEntry]:
    """The newest `MAX_EVENTS` events, newest first. Callers must not change the list."""
    entries = [entry for source in SOURCES for entry in source(MAX_EVENTS)]
    keys = _recent_keys()
    for kind in KINDS.values():
        entries += load_changes(kind, keys[kind.name()])
    return sort_events(entries)[:MAX_EVENTS]


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


def load_changes(kind: PublicKind, keys: Collection[str]) -> list[EventEntry]:
    """The changes of the records with these keys since their publication."""
    return [
        _entry(kind, key, version, versions[-1])
        for key, versions in load_versions(kind, changed_records(kind, keys)).items()
        for version in versions[1:]
        if version.event in TITLES  # results have entries of their own
    ]


def _entry(kind: PublicKind, key: str, version: Version, present: Version) -> EventEntry:
    title = str(TITLES[version.event]) % {"record": present.page.name}
    text = " ".join(version.sentences)
    return EventEntry(
        version.at, version.event, kind.name(), key, title, present.page.address, text
    )
