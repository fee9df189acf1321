"""The fields of a table: what each field means, and where its values come from."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from django.db.models import QuerySet

from psf.database.sql import in_keys

# The values of a row by the key of the field.
Record = dict[str, Any]
Key = int | str
Make = Callable[[Any], object]
# A column, perhaps with a function that changes its values.
Path = str | tuple[str, Make]
# Returns the values of one field by the key of the row. A row without an entry has no value.
Load = Callable[[Mapping[Key, Record]], Mapping[Key, object]]


class FieldKind(StrEnum):
    """The type of a field. A list can be empty. Every other field can be blank."""

    TEXT = "text"
    NUMBER = "number"
    AMOUNT = "amount"
    DAY = "day"
    MOMENT = "moment"
    YES_NO = "yes or no"
    ADDRESS = "address"
    LIST = "list of texts"
    RECORDS = "list of records"


class FieldSource(NamedTuple):
    """The source of the values of a field.

    It is the column `path` of the query, changed by `make`; or `load` for many rows; or `of` for
    one row, after its columns. `load` and `of` can use the values of the fields in `needs`.
    """

    path: str = ""
    make: Make | None = None
    load: Load | None = None
    of: Callable[[Record], object] | None = None
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class PublicField:
    """A field for readers. `blank` says what a blank means; `fields` describe listed records."""

    key: str
    heading: str
    meaning: str
    kind: FieldKind
    source: FieldSource
    example: object = ""
    unit: str = ""
    blank: str = ""
    since: str = ""
    is_short: bool = False
    fields: "tuple[PublicField, ...]" = ()

    def is_list(self) -> bool:
        return self.kind in (FieldKind.LIST, FieldKind.RECORDS)


def columns_of(rows: QuerySet, fields: Iterable[PublicField]) -> dict[Key, Record]:
    """The values of all fields with a column, by the key of the row."""
    sources = {field.key: field.source for field in fields if field.source.path}
    makers = [(key, source.make) for key, source in sources.items() if source.make]
    paths = [source.path for source in sources.values()]
    return {
        key: _made(dict(zip(sources, values, strict=True)), makers)
        for key, *values in rows.values_list("pk", *paths)
    }


def _made(record: Record, makers: list[tuple[str, Make]]) -> Record:
    for name, make in makers:
        if record[name] is not None:
            record[name] = make(record[name])
    return record


def related(rows: Callable[[], QuerySet], by: str, paths: Mapping[str, Path]) -> Load:
    """Load the rows whose `by` is the key of the record, as records.

    `paths` has the column of each value, perhaps with a function that changes the value.
    """
    columns = [path if isinstance(path, str) else path[0] for path in paths.values()]
    makers = [(key, path[1]) for key, path in paths.items() if not isinstance(path, str)]

    def load(records: Mapping[Key, Record]) -> Mapping[Key, list[Record]]:
        queryset = rows()
        model: Any = queryset.model._meta.get_field(by).related_model
        chosen = queryset.filter(**{f"{by}__in": in_keys(model, records)})
        lists = defaultdict(list)
        for key, *values in chosen.values_list(by, *columns):
            lists[key].append(_made(dict(zip(paths, values, strict=True)), makers))
        return lists

    return load


def precision(column: str, when: str) -> FieldSource:
    """The source of a precision; blank if the day or moment in the field `when` is blank."""
    return FieldSource(column, of=lambda row: row[column] if row[when] else None, needs=(when,))


def blanks_of(reasons: Mapping[str, str]) -> FieldSource:
    """The source of a field that names the blank fields of a row, and what each blank means."""

    def blanks(record: Record) -> list[Record]:
        return [
            {"field": key, "reason": reason}
            for key, reason in reasons.items()
            if record[key] in (None, "", [])
        ]

    return FieldSource(of=blanks, needs=tuple(reasons))
