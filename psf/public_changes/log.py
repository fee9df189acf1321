"""The newest public events of all kinds of records."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from psf.caching.memo import cached_until_change
from psf.history.models import Change
from psf.public_changes.events import SOURCES, Event, EventEntry, sort_events
from psf.public_changes.record_kinds import KINDS, PublicKind
from psf.public_changes.versions import Version, load_versions

# The newest events of each source, and the newest rows of the history of each kind.
MAX_EVENTS = 500
MAX_ROWS = 5000

TITLES = {Event.CHANGED: _("%(record)s: changed"), Event.CORRECTED: _("%(record)s: corrected")}


@cached_until_change.memoize
def load_log() -> list[EventEntry]:
    """The newest events, newest first. Callers must not change the list."""
    entries = [entry for source in SOURCES for entry in source(MAX_EVENTS)]
    for kind in KINDS.values():
        entries += load_changes(kind, _recent_keys(kind))
    return sort_events(entries)[: 2 * MAX_EVENTS]


def _recent_keys(kind: PublicKind) -> list[str]:
    """The keys of the records with the newest rows in the history."""
    rows = Change.objects.filter(record_kind=kind.name(), kind__in=kind.kinds_of_rows())
    return list(dict.fromkeys(rows.order_by("-pk").values_list("record_key", flat=True)[:MAX_ROWS]))


def load_changes(kind: PublicKind, keys: Iterable[str]) -> list[EventEntry]:
    """The changes of the records with these keys since their publication."""
    return [
        _entry(kind, key, version, versions[-1])
        for key, versions in load_versions(kind, keys).items()
        for version in versions[1:]
        if version.event in TITLES  # results have entries of their own
    ]


def _entry(kind: PublicKind, key: str, version: Version, present: Version) -> EventEntry:
    title = str(TITLES[version.event]) % {"record": present.page.name}
    text = " ".join(version.sentences)
    return EventEntry(
        version.at, version.event, kind.name(), key, title, present.page.address, text
    )
