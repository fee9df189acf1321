"""The kinds of record whose changes readers can follow, their public versions and differences.

Each app registers its own kinds. A version is what readers saw from one moment on. Versions begin
with the present publication: a record that was unpublished and published again has no versions
from before.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Container, Iterable
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any, NamedTuple, cast

from django.db.models import Max, Model, Q, QuerySet
from django.utils.functional import Promise

from psf.database.fields import keep_rows
from psf.database.sql import chunked
from psf.facts.facts import Facts
from psf.history.models import Change, Channel
from psf.history.states import (
    KEYS_A_QUERY,
    Place,
    Row,
    Rows,
    keys_by_kind,
    read_row,
    rows_by_key,
    rows_in,
    walk_back,
)
from psf.history.tracking import (
    fields_of,
    is_tracked,
    kind_of,
    list_field,
    model_of,
    part_models,
    target_of,
)
from psf.history.words import build_record, references_in, references_of_rows
from psf.impact.preview import PublicPage, compare_facts
from psf.public_changes.events import Event
from psf.public_changes.sentences import event_of, sentence

Moments = dict[str, datetime]  # by the key of a record


class Publication(NamedTuple):
    """Why a record is public: a moment, and columns by kind and key of their rows.

    Readers see the record from the moment on, or from the last write of a column if that is later.
    """

    key: str
    at: datetime
    columns: list[tuple[str, object, str]]


class PublicKind(NamedTuple):
    """A kind of record with public versions, which its declared facts describe.

    `publications` returns why those of some records are public that are. `page_name` is the name
    of a record for readers.

    A page may change once without a write: readers see the part `results` from its own
    publication on, and `results_sentence` says so. The changes of a rare kind stay in the list of
    changes after an import of many other records.
    """

    facts: Facts
    label: Promise
    publications: Callable[[Collection[str]], Iterable[Publication]]
    page_name: Callable[[Any], str] = str
    results: type[Model] | None = None
    publications_of_results: Callable[[Collection[str]], Iterable[Publication]] = lambda keys: []
    results_sentence: Promise | str = ""
    is_rare: bool = False

    def name(self) -> str:
        return kind_of(self.facts.model)

    def kinds_of_rows(self) -> list[str]:
        """The kinds of the record and of its public parts."""
        return [kind_of(model) for model in [self.facts.model, *self.facts.models_of_log()]]

    def load_since(self, keys: Collection[str]) -> Moments:
        """The start of the present publication of the public records among these."""
        return _first_moments([*self.publications(keys)])

    def load_results_since(self, keys: Collection[str]) -> Moments:
        return _first_moments([*self.publications_of_results(keys)])


KINDS: dict[str, PublicKind] = {}


def register(*kinds: PublicKind) -> None:
    """Add kinds of records. The kinds registered last are listed first."""
    earlier = dict(KINDS)
    KINDS.clear()
    KINDS.update({kind.name(): kind for kind in kinds} | earlier)


def _first_moments(publications: list[Publication]) -> Moments:
    keys: dict[tuple[str, str], set[str]] = defaultdict(set)
    for publication in publications:
        for kind, key, column in publication.columns:
            keys[kind, column].add(str(key))
    written = {place: _last_written(*place, of_rows) for place, of_rows in keys.items()}
    since: Moments = {}
    for record, at, columns in publications:
        moments = (written[kind, column].get(str(key), at) for kind, key, column in columns)
        at = max([at, *moments])
        since[record] = min(since.get(record, at), at)
    return since


def _last_written(kind: str, column: str, keys: Iterable[str]) -> Moments:
    """The moment of the last recorded write of a column, by the key of the row."""
    moments: Moments = {}
    for chunk in chunked(keys, KEYS_A_QUERY):
        writes = Change.objects.filter(kind=kind, key__in=chunk, after__has_key=column)
        last = writes.order_by().values_list("key").annotate(at=Max("change_set__made_at"))
        moments |= dict(last)
    return moments


Built = dict[Place, tuple[Row, Model]]


class RecordState(NamedTuple):
    """The rows of a record, of its public parts and of the records that they name.

    The state holds from `at` on. `channel` is the way of the change; "" for the first state.
    """

    at: datetime
    channel: str
    rows: Rows


def load_states(
    kind: PublicKind, since: Moments, also: Container[str]
) -> dict[str, list[RecordState]]:
    """The public states of records by key, the oldest first.

    The first state of a record is the state at its moment in `since`. Records without later
    changes are missing, unless their keys are in `also`.
    """
    own = _changes_since(kind, since)
    keys = [key for key in since if key in own or key in also]
    rows = _own_rows(kind, keys)
    references = {key: _references(rows[key], own[key]) for key in keys}
    places = {place for key in keys for place in references[key]}
    current = rows_by_key(places)
    changes = _changes_of(places, min((since[key] for key in keys), default=None))
    states = {}
    for key in keys:
        referenced = {place: current[place] for place in references[key] if place in current}
        later = [change for place in references[key] for change in changes.get(place, [])]
        later = [change for change in later if change.change_set.made_at > since[key]]
        recent = sorted([*own[key], *later], key=lambda change: -change.pk)
        states[key] = _walk(rows[key] | referenced, recent, {*own[key]}, since[key])
    return states


def _changes_since(kind: PublicKind, since: Moments) -> dict[str, list[Change]]:
    """The changes of the records and their public parts after their moments, by key."""
    changes: dict[str, list[Change]] = defaultdict(list)
    for chunk in chunked(since, KEYS_A_QUERY):
        own = Q(record_kind=kind.name(), record_key__in=chunk, kind__in=kind.kinds_of_rows())
        for change in _load_changes(own, min(since[key] for key in chunk)):
            if change.change_set.made_at > since[change.record_key]:
                changes[change.record_key].append(change)
    return changes


def _load_changes(condition: Q, since: datetime | None) -> QuerySet[Change]:
    rows = Change.objects.filter(condition, change_set__made_at__gt=since)
    return rows.select_related("change_set").order_by("pk")


def _own_rows(kind: PublicKind, keys: list[str]) -> dict[str, Rows]:
    """The current rows of the records and their public parts."""
    rows: dict[str, Rows] = {key: {} for key in keys}
    for place, row in rows_in(kind.facts.model._base_manager.filter(pk__in=keys)).items():
        rows[place[1]][place] = row
    for part in kind.facts.models_of_log():
        column = dict(part_models(kind.facts.model))[part]
        name = fields_of(part)[column].name
        for place, row in rows_in(part._base_manager.filter(**{f"{name}__in": keys})).items():
            rows[str(row[column])][place] = row
    return rows


def _references(rows: Rows, changes: Iterable[Change]) -> set[Place]:
    """The other records that the rows name now or named before."""
    places = {*references_of_rows(rows)}
    for change in changes:
        model = model_of(change.kind)
        for row in [change.old(), change.new()]:
            places.update(references_in(model, read_row(model, row)))
    return {place for place in places - rows.keys() if is_tracked(model_of(place[0]))}


def _changes_of(places: set[Place], since: datetime | None) -> dict[Place, list[Change]]:
    """The changes of the rows themselves after a moment."""
    changes: dict[Place, list[Change]] = defaultdict(list)
    rows = [Q(kind=kind, key__in=keys) for kind, keys in keys_by_kind(places).items()]
    for change in _load_changes(reduce(or_, rows), since) if rows else []:
        changes[change.kind, change.key].append(change)
    return changes


def _walk(
    rows: Rows, changes: list[Change], own: set[Change], since: datetime
) -> list[RecordState]:
    """The state after each set with a change of `own`; `changes` begins with the newest."""
    states: list[RecordState] = []
    change_set = None
    for change in changes:
        if change in own and change.change_set_id != change_set:
            change_set = change.change_set_id
            states.append(RecordState(change.change_set.made_at, change.change_set.channel, rows))
        rows = walk_back(rows, [change])
    return [RecordState(since, "", rows), *reversed(states)]


def rebuild_record(kind: PublicKind, key: str, rows: Rows, built: Built) -> Any:
    """The record with its public parts, without a query. A part without a row does not exist.

    `built` has the records of an earlier version. They change: a row that both versions have is
    built once.
    """
    for place, row in rows.items():
        if place not in built or built[place][0] is not row:
            built[place] = row, build_record(model_of(place[0]), row)
    records = {place: built[place][1] for place in rows}
    for place, record in records.items():
        for column, field in fields_of(type(record)).items():
            if field.is_relation and is_tracked(target_of(field)):
                place_of_target = (kind_of(target_of(field)), str(rows[place].get(column)))
                cast(Any, field).set_cached_value(record, records.get(place_of_target))
    record = records[kind.name(), key]
    for part in kind.facts.models_of_log():
        column = dict(part_models(kind.facts.model))[part]
        parts = [
            records[place]
            for place, row in rows.items()
            if place[0] == kind_of(part) and str(row[column]) == key
        ]
        _attach(record, part, column, parts)
    return record


def _attach(record: Model, part: type[Model], column: str, parts: list[Model]) -> None:
    """Store the parts in the record. The rows of a table between two models name the parts."""
    if relation := list_field(part):
        fields = [field for field in fields_of(part).values() if field.is_relation]
        name = next(field.name for field in fields if target_of(field) is relation.related_model)
        keep_rows(record, relation.name, _in_order([getattr(row, name) for row in parts]))
        return
    back: Any = cast(Any, fields_of(part)[column]).remote_field
    if back.multiple:
        keep_rows(record, back.get_accessor_name(), _in_order(parts))
    else:
        back.set_cached_value(record, next(iter(parts), None))


def _in_order(rows: list[Any]) -> list[Any]:
    """The records by the plain columns that order their model, then by key."""
    ordering = rows[0]._meta.ordering if rows else []
    names = [name for name in ordering if isinstance(name, str) and name.isidentifier()]
    columns = [rows[0]._meta.get_field(name).attname for name in names if name != "pk"]
    return sorted(rows, key=lambda row: [*(getattr(row, name) for name in columns), row.pk])


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
            event, sentences = event_of(state.channel, differences), [*map(sentence, differences)]
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
