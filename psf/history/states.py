"""Current and earlier states of records with their parts, and the steps between two states."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from django.db import models
from django.db.models import Field, Max, Min, Model, Q, QuerySet

from psf.database.sql import chunked, in_keys
from psf.history.models import Action, Change
from psf.history.tracking import (
    PUBLICATION_FIELDS,
    fields_of,
    is_untracked,
    kind_of,
    model_of,
    part_models,
    quiet_columns,
)

Place = tuple[str, str]  # the kind and the key of a row
Row = dict[str, object]  # a value for each column
Rows = dict[Place, Row]
KeysByModel = dict[type[Model], list[str]]

# Short enough for the parameters of one query in every database.
KEYS_A_QUERY = 5000


def read_row(model: type[Model], stored: Row) -> Row:
    """Convert the stored values of a change to values of the model. Former columns are skipped."""
    fields = fields_of(model)
    return {name: _value(fields[name], value) for name, value in stored.items() if name in fields}


def _value(field: Field, stored: object) -> object:
    if stored is None:
        return None
    # The text of a number keeps its digits: 12345.67 as a number would become 12345.6700000.
    value = field.to_python(str(stored) if isinstance(field, models.DecimalField) else stored)
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=UTC)  # SQLite stores no time zones
    return value


def rows_in(queryset: QuerySet) -> Rows:
    """Return the current rows of a queryset, without untracked columns."""
    model: type[Model] = queryset.model
    fields, pk = fields_of(model), model._meta.pk
    fields = {column: field for column, field in fields.items() if not is_untracked(field)}
    return {
        (kind_of(model), str(row[pk.attname])): {
            column: row[field.attname] for column, field in fields.items()
        }
        for row in queryset.values(*(field.attname for field in fields.values()))
    }


def keys_by_kind(places: Iterable[Place]) -> dict[str, set[str]]:
    by_kind: dict[str, set[str]] = {}
    for kind, key in places:
        by_kind.setdefault(kind, set()).add(key)
    return by_kind


def rows_by_key(places: Iterable[Place]) -> Rows:
    """Return the current rows with these kinds and keys. Deleted rows are missing."""
    rows: Rows = {}
    for kind, keys in keys_by_kind(places).items():
        for chunk in rows_with(model_of(kind), keys):
            rows |= rows_in(chunk)
    return rows


def rows_with(
    model: type[Model], keys: Iterable[str], name: str = "pk", of: type[Model] | None = None
) -> Iterator[QuerySet]:
    """Yield the rows with these keys in chunks.

    With `of`, these are keys of the model `of`, and the field `name` holds a key.
    """
    for chunk in chunked(keys, KEYS_A_QUERY):
        yield model._base_manager.filter(**{f"{name}__in": in_keys(of or model, chunk)})


def record_now(model: type[Model], key: str) -> Rows:
    """Return the current rows of a record and of all parts; {} if the record does not exist."""
    rows = rows_in(model._base_manager.filter(pk=key))
    if not rows:
        return {}
    for part, column in part_models(model):
        name = fields_of(part)[column].name
        rows |= rows_in(part._base_manager.filter(**{name: key}))
    return rows


def record_changes(model: type[Model], key: str) -> QuerySet[Change]:
    """Return the changes of a record and its parts, the oldest first."""
    kind = kind_of(model)
    return Change.objects.filter(
        Q(record_kind=kind, record_key=key) | Q(kind=kind, key=key)
    ).order_by("pk")


def walk_back(rows: Rows, changes: Iterable[Change]) -> Rows:
    """Return the rows before the changes. The changes must be ordered from the newest."""
    rows = dict(rows)
    for change in changes:
        place = (change.kind, change.key)
        if change.action == Action.ADDED:
            rows.pop(place, None)
        else:
            before = read_row(model_of(change.kind), change.old())
            changed = change.action == Action.CHANGED
            rows[place] = rows.get(place, {}) | before if changed else before
    return rows


def record_after(model: type[Model], key: str, change_set: int) -> Rows:
    """Return a record after a change set, or before the set if the set deleted the record.

    Raises `Change.DoesNotExist` if the set did not change the record.
    """
    changes = record_changes(model, key)
    bounds = changes.filter(change_set=change_set).aggregate(first=Min("pk"), last=Max("pk"))
    if bounds["last"] is None:
        raise Change.DoesNotExist
    now = record_now(model, key)
    then = walk_back(now, changes.filter(pk__gt=bounds["last"]).order_by("-pk"))
    if (kind_of(model), key) in then:
        return then
    return walk_back(now, changes.filter(pk__gte=bounds["first"]).order_by("-pk"))


class Step(NamedTuple):
    """A change of one row. `before` is None for an added row, `after` for a deleted row.

    For a changed row, both hold the columns that change.
    """

    model: type[Model]
    key: str
    before: Row | None
    after: Row | None


def steps_between(now: Rows, then: Rows) -> list[Step]:
    """Return the steps from the current rows to earlier rows.

    Columns without recorded values keep their values, or get the defaults in an added row.
    """
    steps = []
    for place in [*now, *(place for place in then if place not in now)]:
        kind, key = place
        model, old, new = model_of(kind), now.get(place), then.get(place)
        if old is not None and new is not None:
            quiet = quiet_columns(model)
            changed = [name for name in new if name not in quiet and new[name] != old[name]]
            old = {name: old[name] for name in changed}
            new = {name: new[name] for name in changed}
        if old or new:
            steps.append(Step(model, key, old, new))
    return steps


def without_publication(steps: list[Step]) -> list[Step]:
    """Return the steps without the columns of publication. Steps without columns are dropped."""
    kept_steps = [
        step._replace(after={k: v for k, v in step.after.items() if k not in PUBLICATION_FIELDS})
        if step.after is not None
        else step
        for step in steps
    ]
    return [step for step in kept_steps if step.after != {}]
