"""Names of current and deleted records."""

from collections.abc import Iterable, Iterator

from django.db.models import CharField, ForeignKey, Model
from django.utils.translation import gettext as _

from psf.history.models import Action, Change
from psf.history.states import Place, Row, Rows, keys_by_kind, read_row, rows_with
from psf.history.tracking import fields_of, kind_of, model_of, parent_columns, target_of
from psf.history.values import format_value


class Names:
    """The names of records, read with one query for each kind and one for deleted records."""

    def __init__(self, places: Iterable[Place]) -> None:
        places = set(places)
        self.names = {place: str(record) for place, record in load_records(places).items()}
        self._read_deleted(places - self.names.keys())

    def _read_deleted(self, places: set[Place]) -> None:
        rows = deleted_rows(places)
        records = {
            place: row for place, row in rows.items() if not parent_columns(model_of(place[0]))
        }
        related = load_records(references_of_rows(records))
        for place, row in records.items():
            self.names[place] = str(build_linked_record(related, model_of(place[0]), row))
        for place in rows.keys() - records.keys():
            self.names[place] = row_name(model_of(place[0]), rows[place], self)

    def of(self, kind: str, key: object) -> str:
        return self.names.get((kind, str(key))) or _("no. %(key)s") % {"key": key}


def deleted_rows(places: Iterable[Place]) -> Rows:
    """Return the last values of deleted rows."""
    places = set(places)
    if not places:
        return {}
    deletions = Change.objects.filter(
        action=Action.DELETED,
        kind__in={kind for kind, _key in places},
        key__in={key for _kind, key in places},
    ).order_by("pk")
    return {
        (change.kind, change.key): read_row(model_of(change.kind), change.old())
        for change in deletions
        if (change.kind, change.key) in places
    }


def references_in(model: type[Model], row: Row) -> list[Place]:
    """Return the records that a row names."""
    return [
        (kind_of(target_of(field)), str(row[column]))
        for column, field in fields_of(model).items()
        if field.is_relation and row.get(column) is not None
    ]


def references_of_rows(rows: Rows) -> Iterator[Place]:
    """Yield the records that these rows name."""
    for (kind, _key), row in rows.items():
        yield from references_in(model_of(kind), row)


def parents_in(model: type[Model], row: Row) -> list[Place]:
    """Return the records of a part; [] if the row is a record itself."""
    return [
        (kind, str(row[column]))
        for kind, column in parent_columns(model)
        if row.get(column) is not None
    ]


def naming_column(model: type[Model], row: Row) -> str:
    """Return the column that names a part: the first foreign key or text with a value."""
    parents = [parent.column for parent in parent_columns(model)]
    columns = (
        column
        for column, field in fields_of(model).items()
        if isinstance(field, ForeignKey | CharField)
        and column not in parents
        and row.get(column) not in [None, ""]
    )
    return next(columns, str(model._meta.pk.column))


def row_name(model: type[Model], row: Row, names: Names) -> str:
    """Return the name of a record, or of a part within the record."""
    if not parent_columns(model):
        return str(build_record(model, row))
    column = naming_column(model, row)
    return format_value(fields_of(model)[column], row[column], names)


def qualified_name(model: type[Model], row: Row, names: Names) -> str:
    """Return the name of a part with the name of the record, such as "Latvia: member"."""
    records = [names.of(*place) for place in parents_in(model, row)]
    return ": ".join([*records, row_name(model, row, names)])


def build_record(model: type[Model], row: Row) -> Model:
    """Return an unsaved record with the values of a row. Missing columns have their defaults."""
    fields = fields_of(model)
    return model(**{fields[column].attname: value for column, value in row.items()})


def load_records(places: Iterable[Place]) -> dict[Place, Model]:
    """Return the existing records with their relations, read with one query for each kind."""
    records: dict[Place, Model] = {}
    for kind, keys in keys_by_kind(places).items():
        model = model_of(kind)
        related = [field.name for field in model._meta.local_fields if field.is_relation]
        for chunk in rows_with(model, keys):
            records |= {(kind, str(row.pk)): row for row in chunk.select_related(*related)}
    return records


def build_linked_record(records: dict[Place, Model], model: type[Model], row: Row) -> Model:
    """Return an unsaved record with related objects from `records`; None for a missing one."""
    record = build_record(model, row)
    for column, field in fields_of(model).items():
        if field.is_relation and row.get(column) is not None:
            place = (kind_of(target_of(field)), str(row[column]))
            setattr(record, field.name, records.get(place))
    return record
