"""Records with their parts as they are, and as they were: the history is walked back."""

from collections.abc import Iterable, Iterator
from datetime import UTC
from itertools import islice
from typing import Any

from django.db import models
from django.db.models import Max, Min, Q, QuerySet

from psf.database.sql import among
from psf.history.tracking import fields_of, kind_of, model_of, part_models

from .models import Action, Change

Row = dict[str, Any]  # a value for each column
Rows = dict[tuple[str, str], Row]  # by kind and key
KeysByModel = dict[Any, list[str]]  # by model

KEYS_A_QUERY = 5000


def split_into_chunks(items: Iterable[Any]) -> Iterator[list[Any]]:
    """So many at once as every database takes in one query."""
    iterator = iter(items)
    while chunk := list(islice(iterator, KEYS_A_QUERY)):
        yield chunk


def read_row(model: Any, kept: Row) -> Row:
    """What the history keeps of a row, as the model has it; columns that are no more are left."""
    fields = fields_of(model)
    return {name: _value(fields[name], value) for name, value in kept.items() if name in fields}


def _value(field: Any, kept: Any) -> Any:
    if kept is None:
        return None
    value = field.to_python(str(kept) if isinstance(field, models.DecimalField) else kept)
    if isinstance(field, models.DateTimeField) and value.tzinfo is None:
        return value.replace(tzinfo=UTC)  # SQLite knows no zones
    return value


def rows_in(queryset: QuerySet[Any]) -> Rows:
    """The rows as they are now."""
    model = queryset.model
    fields = fields_of(model)
    return {
        (kind_of(model), str(row[model._meta.pk.attname])): {
            column: row[field.attname] for column, field in fields.items()
        }
        for row in queryset.values(*(field.attname for field in fields.values()))
    }


def rows_by_key(keys: Iterable[tuple[str, str]]) -> Rows:
    """Those of the rows of any kinds that are there now."""
    by_kind: dict[str, list[str]] = {}
    for kind, key in keys:
        by_kind.setdefault(kind, []).append(key)
    found: Rows = {}
    for kind, of_kind in by_kind.items():
        for chunk in split_into_chunks(of_kind):
            model = model_of(kind)
            found |= rows_in(model._base_manager.filter(pk__in=among(model, chunk)))
    return found


def record_now(model: Any, key: str) -> Rows:
    """A record with all its parts; {} if it is not there."""
    rows = rows_in(model._base_manager.filter(pk=key))
    if not rows:
        return {}
    for part, column in part_models(model):
        name = fields_of(part)[column].name
        rows |= rows_in(part._base_manager.filter(**{name: key}))
    return rows


def record_changes(model: Any, key: str) -> QuerySet[Change]:
    """What happened to a record and its parts, the oldest first."""
    kind = kind_of(model)
    return Change.objects.filter(
        Q(record_kind=kind, record_key=key) | Q(kind=kind, key=key)
    ).order_by("pk")


def walk_back(rows: Rows, changes: Iterable[Change]) -> Rows:
    """The rows as they were before the changes, which come the newest first."""
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


def record_after(model: Any, key: str, change_set: int) -> Rows:
    """The record as a set of changes left it; as it was before, if the set deleted it.

    Raises `Change.DoesNotExist` when the set did not touch the record.
    """
    changes = record_changes(model, key)
    found = changes.filter(change_set=change_set).aggregate(first=Min("pk"), last=Max("pk"))
    if found["last"] is None:
        raise Change.DoesNotExist
    now = record_now(model, key)
    then = walk_back(now, changes.filter(pk__gt=found["last"]).order_by("-pk"))
    if (kind_of(model), key) in then:
        return then
    return walk_back(now, changes.filter(pk__gte=found["first"]).order_by("-pk"))
