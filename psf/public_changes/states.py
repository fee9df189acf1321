"""Earlier states of public records: rows walked back from now, and records rebuilt from them."""

from collections import defaultdict
from collections.abc import Container, Iterable
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any, NamedTuple, cast

from django.db.models import Model, Q, QuerySet

from psf.database.sql import chunked
from psf.history.models import Change
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
    parent_columns,
    target_of,
)
from psf.history.words import build_record, references_in, references_of_rows
from psf.public_changes.record_kinds import Moments, PublicKind

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
        named = {place: current[place] for place in references[key] if place in current}
        later = [change for place in references[key] for change in changes.get(place, [])]
        later = [change for change in later if change.change_set.made_at > since[key]]
        recent = sorted([*own[key], *later], key=lambda change: -change.pk)
        states[key] = _walk(rows[key] | named, recent, {*own[key]}, since[key])
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
        column = column_of_record(part, kind)
        name = fields_of(part)[column].name
        for place, row in rows_in(part._base_manager.filter(**{f"{name}__in": keys})).items():
            rows[str(row[column])][place] = row
    return rows


def column_of_record(part: type[Model], kind: PublicKind) -> str:
    """The column of a part that names its record."""
    return next(parent.column for parent in parent_columns(part) if parent.kind == kind.name())


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
            states.append(RecordState(change.change_set.made_at, change.change_set.door, rows))
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
                named = (kind_of(target_of(field)), str(rows[place].get(column)))
                cast(Any, field).set_cached_value(record, records.get(named))
    record = records[kind.name(), key]
    for part in kind.facts.models_of_log():
        column = column_of_record(part, kind)
        found = [
            records[place]
            for place, row in rows.items()
            if place[0] == kind_of(part) and str(row[column]) == key
        ]
        _attach(record, part, column, found)
    return record


def _attach(record: Model, part: type[Model], column: str, found: list[Model]) -> None:
    """Store the parts in the record. The rows of a table between two models name the parts."""
    if relation := list_field(part):
        fields = [field for field in fields_of(part).values() if field.is_relation]
        name = next(field.name for field in fields if target_of(field) is relation.related_model)
        _store(record, relation.name, _in_order([getattr(row, name) for row in found]))
        return
    back: Any = cast(Any, fields_of(part)[column]).remote_field
    if back.multiple:
        _store(record, back.get_accessor_name(), _in_order(found))
    else:
        back.set_cached_value(record, next(iter(found), None))


def _store(record: Model, relation: str, rows: list[Any]) -> None:
    """Store related rows in the record, as `prefetch_related()` does."""
    record.__dict__.setdefault("_prefetched_objects_cache", {})[relation] = rows


def _in_order(rows: list[Any]) -> list[Any]:
    """The records by the plain columns that order their model, then by key."""
    ordering = rows[0]._meta.ordering if rows else []
    names = [name for name in ordering if isinstance(name, str) and name.isidentifier()]
    columns = [rows[0]._meta.get_field(name).attname for name in names if name != "pk"]
    return sorted(rows, key=lambda row: [*(getattr(row, name) for name in columns), row.pk])
