"""Records with their relations, rebuilt from rows without any query."""

from typing import Any, cast

from django.db.models import Field, Model

from psf.database.prepared import attach
from psf.history.names import build_record
from psf.history.states import Place, Row, Rows
from psf.history.tracking import fields_of, kind_of, list_field, model_of, target_of
from psf.public_changes.record_kinds import PublicKind
from psf.public_changes.states import column_of_record

Records = dict[Place, Model]
Built = dict[Place, tuple[Row, Model]]


def rebuild_record(kind: PublicKind, key: str, rows: Rows, built: Built) -> Any:
    """The record with its public parts. A part that is not in the rows does not exist.

    `built` has the records of an earlier version. They change: a row that both versions have is
    built once.
    """
    for place, row in rows.items():
        if place not in built or built[place][0] is not row:
            built[place] = row, build_record(model_of(place[0]), row)
    records = {place: built[place][1] for place in rows}
    for place, row in rows.items():
        _link(records, place, row)
    record = records[kind.name(), key]
    for part in kind.parts:
        _attach_part(kind, part, record, records, rows)
    return record


def _link(records: Records, place: Place, row: dict[str, object]) -> None:
    """Set the records that a row names. Foreign keys to other tables stay unloaded."""
    for column, field in fields_of(model_of(place[0])).items():
        if field.is_relation:
            named = (kind_of(target_of(field)), str(row.get(column)))
            if named in records or row.get(column) is None:
                cast(Any, field).set_cached_value(records[place], records.get(named))


def _attach_part(
    kind: PublicKind, part: type[Model], record: Model, records: Records, rows: Rows
) -> None:
    column, relation = column_of_record(part, kind), list_field(part)
    kind_of_part = kind_of(part)
    places = [
        place
        for place, row in rows.items()
        if place[0] == kind_of_part and str(row[column]) == str(record.pk)
    ]
    if relation:
        target = relation.related_model
        target_column = next(
            name
            for name, field in fields_of(part).items()
            if field.is_relation and target_of(field) is target
        )
        keys = [(kind_of(target), str(rows[place][target_column])) for place in places]
        attach(record, relation.name, _in_order(target, [records[name] for name in keys]))
        return
    back: Any = cast(Any, fields_of(part)[column]).remote_field
    parts = [records[place] for place in places]
    if back.multiple:
        attach(record, back.get_accessor_name(), _in_order(part, parts))
    else:
        back.set_cached_value(record, next(iter(parts), None))


def _in_order(model: type[Model], rows: list[Model]) -> list[Model]:
    """The records in the order of their model. Only fields of the model itself can order them."""
    names = [str(name) for name in model._meta.ordering or []]
    columns = [
        "pk" if name == "pk" else cast(Field, model._meta.get_field(name)).attname for name in names
    ]
    return sorted(rows, key=lambda row: tuple(getattr(row, column) for column in columns))
