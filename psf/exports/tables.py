"""Public tables: the meaning of their fields, rows read in parts, and tokens for the next page."""

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum
from itertools import dropwhile, islice, tee
from typing import Any, TypeVar

from django.core import signing
from django.db.models import QuerySet

from psf.database.sql import chunked, in_keys

# The values of a row by the key of the field.
Record = dict[str, Any]
Key = int | str
# Reads a value from an object of the database.
Read = Callable[[Any], Any]
FIRST_RECORDS, RECORDS = 50, 500
AnyKey = TypeVar("AnyKey", bound=Key)


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


@dataclass(frozen=True)
class PublicField:
    """A field for readers. `read` follows `path`, unless a table has a function.

    `blank` says what a blank means; `fields` describe listed records.
    """

    key: str
    heading: str
    meaning: str
    kind: FieldKind
    read: Read
    path: str = ""
    example: object = ""
    unit: str = ""
    blank: str = ""
    since: str = ""
    is_short: bool = False
    fields: "tuple[PublicField, ...]" = ()

    def is_list(self) -> bool:
        return self.kind in (FieldKind.LIST, FieldKind.RECORDS)

    def value(self, row: Any) -> Any:
        value = self.read(row)
        return [record_of(item, self.fields) for item in value] if self.fields else value


def record_of(row: Any, fields: Iterable[PublicField]) -> Record:
    """The values of the fields of an object of the database. A record stays as it is."""
    return row if isinstance(row, dict) else {field.key: field.value(row) for field in fields}


def value_at(path: str) -> Read:
    """Read the value at a path such as "call__title"; None if an object on the way is missing.

    A method on the path is called.
    """
    names = path.split("__")

    def read(row: Any) -> Any:
        for name in names:
            row = None if row is None else getattr(row, name)
            row = row() if callable(row) else row
        return row

    return read


def blanks_of(fields: Iterable[PublicField]) -> Read:
    """Name the blank ones among the fields of a row, and say what each blank means."""
    explained = [field for field in fields if field.blank]
    return lambda row: [
        {"field": field.key, "reason": field.blank}
        for field in explained
        if field.read(row) in (None, "", [])
    ]


def in_parts(keys: Iterable[AnyKey]) -> Iterator[list[AnyKey]]:
    """The keys in parts that are read together. The first part is small: an answer starts soon."""
    iterator = iter(keys)
    yield from chunked(islice(iterator, FIRST_RECORDS), FIRST_RECORDS)
    yield from chunked(iterator, RECORDS)


@dataclass(frozen=True)
class PublicTable:
    """A public table.

    `rows` are the public rows with everything that the fields read, and `short_rows` with what
    the short fields read: a third of the time. `complete` adds to loaded `rows` what no queryset
    can. A table of columns makes no object for a row: each path of its fields leads to a column.
    """

    name: str
    title: str
    meaning: str
    rows: Callable[[], QuerySet]
    fields: tuple[PublicField, ...]
    short_rows: Callable[[], QuerySet] | None = None
    are_columns: bool = False
    complete: Callable[[list[Any]], object] = lambda rows: None

    def short_fields(self) -> list[PublicField]:
        return [field for field in self.fields if field.is_short]

    def named_fields(self, keys: Iterable[str]) -> list[PublicField]:
        """The fields with these keys, in this order; raises KeyError for an unknown key."""
        fields = {field.key: field for field in self.fields}
        return [fields[key] for key in keys]

    def all_records(self) -> Iterator[Record]:
        """All public rows, in the order of the model."""
        return self.records(list(self.rows().values_list("pk", flat=True)), self.fields)

    def records(self, keys: Iterable[Key], fields: Sequence[PublicField]) -> Iterator[Record]:
        """The public rows with these keys, in this order, read in parts."""
        is_short = bool(self.short_rows) and all(field.is_short for field in fields)
        for part in in_parts(keys):
            queryset = ((is_short and self.short_rows) or self.rows)()
            chosen = queryset.filter(pk__in=in_keys(queryset.model, part)).order_by()
            if self.are_columns:
                columns = chosen.values_list("pk", *(field.path for field in fields))
                names = [field.key for field in fields]
                rows = {key: dict(zip(names, row, strict=True)) for key, *row in columns}
            else:
                rows = {row.pk: row for row in chosen}
                if not is_short:
                    self.complete([*rows.values()])
            yield from (record_of(rows[key], fields) for key in part if key in rows)


SALT = "psf.exports.tables"


def token_of(name: str, page: Sequence[Key]) -> str:
    """The token for the page that follows the rows with these keys in the list of this name."""
    return signing.dumps([*page], salt=f"{SALT}.{name}", compress=True)


def keys_of_token(name: str, token: str) -> set[Key] | None:
    """The keys in a token; None for a token that this site did not give for this list."""
    try:
        return {*signing.loads(token, salt=f"{SALT}.{name}")}
    except signing.BadSignature:
        return None


def keys_after(page: Set[Key], keys: Iterable[Key]) -> Iterator[Key]:
    """The keys of a list that follow a page, without those of the page.

    They begin where the first remaining key of the page is now, or at the start of the list if no
    key remains. So a change of the list may repeat rows, and omits none.
    """
    keys, from_start = tee(keys)
    if next(dropwhile(lambda key: key not in page, keys), None) is None:
        keys = from_start
    return (key for key in keys if key not in page)
