"""The public versions of records, and their differences in sentences.

A version is what readers saw from one moment on. Versions begin with the present publication: a
record that was unpublished and published again has no versions from before.
"""

from datetime import datetime
from typing import NamedTuple

from django.utils.translation import gettext as _

from psf.history.models import Channel
from psf.history.states import Rows
from psf.history.tracking import kind_of
from psf.history.words import MAX_TEXT
from psf.impact.facts import FactDifference, PublicPage, compare_facts
from psf.public_changes.events import Event
from psf.public_changes.record_kinds import KINDS, Moments, PublicKind
from psf.public_changes.states import Built, RecordState, load_states, rebuild_record

# Channels of progress. A change in any other channel is a correction.
STEPS = [Channel.STATUS, Channel.DECISION, Channel.LETTERS, Channel.POST_AWARD, Channel.PUBLICATION]


class Version(NamedTuple):
    """Public facts from `at` on. `sentences` describe the differences to the earlier version."""

    number: int
    at: datetime
    page: PublicPage
    sentences: list[str]
    event: Event


def load_record_versions(kind_name: str, key: int) -> list[Version]:
    """The versions of one public record; [] if nothing changed since its publication."""
    kind = KINDS[kind_name]
    since = kind.load_since([str(key)])
    return load_versions(kind, since, kind.load_results_since(since)).get(str(key), [])


def load_versions(
    kind: PublicKind, since: Moments, results_since: Moments
) -> dict[str, list[Version]]:
    """The versions of public records by key, the oldest first; records without changes are missing.

    `since` and `results_since` are the moments of publication. The last version is the present
    page.
    """
    later = {key: at for key, at in results_since.items() if at > since[key]}
    by_key = {}
    for key, states in load_states(kind, since, later).items():
        timeline = _with_state_at(later[key], states) if key in later else states
        versions = _versions_of(kind, key, timeline, results_since.get(key))
        if len(versions) > 1:
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
        # Results that readers do not see yet, or that were withdrawn later, are on no page.
        if kind.results and (results_since is None or state.at < results_since):
            hidden = kind_of(kind.results)
            rows = {place: row for place, row in rows.items() if place[0] != hidden}
        record = rebuild_record(kind, key, rows, built)
        facts = kind.facts.tell(record)
        return PublicPage(kind.page_name(record), record.get_absolute_url(), facts)

    last = states[0]
    versions = [Version(1, last.at, page_at(last, last.rows), [], Event.PUBLISHED)]
    for state in states[1:]:
        rows = _with_old_names(kind, key, last.rows, state.rows)
        page = page_at(state, rows)
        differences = compare_facts(versions[-1].page.facts, page.facts)
        if differences:
            event, sentences = _event_of(state, differences), [*map(_sentence, differences)]
            if state.at == results_since:
                event, sentences = Event.RESULTS, [str(kind.results_sentence)]
            if rows != state.rows:
                page = page_at(state, state.rows)
            versions.append(Version(len(versions) + 1, state.at, page, sentences, event))
            last = state
    return versions


def _with_old_names(kind: PublicKind, key: str, old: Rows, new: Rows) -> Rows:
    """The new rows, with other records as before: a new name is a change of the other record."""
    parts = kind.kinds_of_rows()[1:]
    own = (kind.name(), key)
    return new | {
        place: row for place, row in old.items() if place[0] not in parts and place != own
    }


def _event_of(state: RecordState, differences: list[FactDifference]) -> Event:
    """A correction, if a stated fact was changed or removed outside the life of the record."""
    stated = any(difference.old for difference in differences)
    return Event.CORRECTED if stated and state.channel not in STEPS else Event.CHANGED


def _sentence(difference: FactDifference) -> str:
    old, new = difference.old, difference.new
    is_long = max(len(old), len(new)) > MAX_TEXT
    if not old:
        sentence = _("%(label)s added.") if is_long else _("%(label)s added: “%(new)s”.")
    elif not new:
        sentence = _("%(label)s removed.") if is_long else _("%(label)s removed: “%(old)s”.")
    elif is_long:
        sentence = _("%(label)s changed.")
    else:
        sentence = _("%(label)s changed from “%(old)s” to “%(new)s”.")
    return sentence % difference._asdict()
