"""The public versions of records, and their differences in sentences.

A version is what readers saw from one moment on. Versions begin with the present publication: a
record that was unpublished and published again has no versions from before.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from psf.history.channels import Channel
from psf.history.states import Rows
from psf.history.tracking import kind_of
from psf.impact.facts import PublicPage
from psf.public_changes.events import Event
from psf.public_changes.fact_sentences import FactDifference, compare_facts
from psf.public_changes.rebuild import Built, rebuild_record
from psf.public_changes.record_kinds import KINDS, PublicKind
from psf.public_changes.states import RecordState, load_states

# Channels of progress. A change in any other channel is a correction.
STEPS = [Channel.STATUS, Channel.DECISION, Channel.LETTERS, Channel.POST_AWARD, Channel.PUBLICATION]


class Version(NamedTuple):
    """Public facts from `at` on. `sentences` describe the differences to the earlier version."""

    number: int
    at: datetime
    page: PublicPage
    sentences: list[str]
    event: Event


def load_versions(kind: PublicKind, keys: Iterable[str]) -> dict[str, list[Version]]:
    """The versions of public records by key, the oldest first; records without changes are missing.

    The last version is the present page.
    """
    since = kind.load_since(list(keys))
    moments = kind.load_results_since(list(since))
    later = {key: at for key, at in moments.items() if at > since[key]}
    by_key = {}
    for key, states in load_states(kind, since, later).items():
        results_since = later.get(key)
        timeline = _with_state_at(results_since, states) if results_since else states
        if len(versions := _versions_of(kind, key, timeline, moments.get(key))) > 1:
            by_key[key] = versions
    return by_key


def _with_state_at(moment: datetime, states: list[RecordState]) -> list[RecordState]:
    """The states, with one more at a moment without a write."""
    before = [state for state in states if state.at <= moment]
    after = states[len(before) :]
    if before[-1].at < moment:
        before.append(RecordState(moment, Channel.PUBLICATION, before[-1].rows))
    return [*before, *after]


def _versions_of(
    kind: PublicKind, key: str, states: list[RecordState], results_since: datetime | None
) -> list[Version]:
    built: Built = {}

    def page_at(state: RecordState, rows: Rows) -> PublicPage:
        return kind.describe(rebuild_record(kind, key, rows, built), state.at, results_since)

    last = states[0]
    versions = [Version(1, last.at, page_at(last, last.rows), [], Event.PUBLISHED)]
    for state in states[1:]:
        old = versions[-1].page.facts
        rows = _with_old_names(kind, key, last.rows, state.rows)
        page = page_at(state, rows)
        differences = compare_facts(old, page.facts)
        if differences:
            event = _event_of(state, differences)
            sentences = [difference.sentence() for difference in differences]
            if state.at == results_since:
                event, sentences = Event.RESULTS, [str(kind.results_sentence)]
            if rows != state.rows:
                page = page_at(state, state.rows)
            versions.append(Version(len(versions) + 1, state.at, page, sentences, event))
            last = state
    return versions


def _with_old_names(kind: PublicKind, key: str, old: Rows, new: Rows) -> Rows:
    """The new rows, with other records as before: a new name is a change of the other record."""
    parts = {kind_of(part) for part in kind.parts}
    named = {
        place: row
        for place, row in old.items()
        if place[0] not in parts and place != (kind.name(), key)
    }
    return new | named


def _event_of(state: RecordState, differences: list[FactDifference]) -> Event:
    """A correction, if a stated fact was changed or removed outside the life of the record."""
    stated = any(difference.old for difference in differences)
    return Event.CORRECTED if stated and state.channel not in STEPS else Event.CHANGED


def load_record_versions(kind_name: str, key: int) -> list[Version]:
    """The versions of one public record; [] if nothing changed since its publication."""
    return load_versions(KINDS[kind_name], [str(key)]).get(str(key), [])
