"""The fields of a table: what each field means, and how it is read from a record."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

# The values of a row by the key of the field.
Record = dict[str, Any]
Key = int | str
# Reads a value from an object of the database.
Read = Callable[[Any], Any]


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
