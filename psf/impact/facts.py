"""What stands on a public page, fact by fact, so that two of its states can be compared."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from psf.history.names import Names
from psf.history.values import field_label, format_value


class Fact(NamedTuple):
    label: str
    words: str


class Page(NamedTuple):
    """What readers find at the address of a record; each fact has a key that stays."""

    name: str
    address: str  # or what is said there of a page that is gone
    facts: dict[str, Fact]


def of_fields(record: Any, names: Iterable[str]) -> dict[str, Fact]:
    """The fields of a record, none of which leads to another record."""
    fields = [record._meta.get_field(name) for name in names]
    nobody = Names([])
    return {
        field.name: Fact(
            field_label(field), format_value(field, getattr(record, field.name), nobody)
        )
        for field in fields
    }


def of_lists(lists: dict[str, tuple[str, Iterable[Any]]]) -> dict[str, Fact]:
    """Lists of records by their labels, each in one line."""
    return {
        key: Fact(label, ", ".join(str(record) for record in records))
        for key, (label, records) in lists.items()
    }
