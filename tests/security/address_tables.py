"""The tables of addresses as the tests read them."""

from collections.abc import Iterator
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

from django.db.models import Model
from django.urls import reverse

FOLDER = Path(__file__).parent
NOBODY_HAS = 999999


class Row(NamedTuple):
    """An address or an action, of one record or none; `codes` are the statuses by column."""

    method: str
    page: str
    record: str
    codes: dict[str, str]

    @property
    def what(self) -> str:
        return f"{self.page} {self.record}"

    def address(self, world: Any, missing: bool = False) -> str:
        """The address with the keys of these records, or with missing keys."""
        names = [] if self.record == "." else self.record.split(",")
        page, mark, query = self.page.partition("?")
        if not page.startswith("/"):
            keys = [_key(name, world, missing) for name in names]
            page = reverse(page if ":" in page else f"admin:{page}", args=keys)
        return f"{page}{mark}{query}".format_map(_Keys(world, missing))


class _Keys(dict[str, Any]):
    """Replaces a name in braces by the key of the record."""

    def __init__(self, world: Any, missing: bool) -> None:
        self.world, self.missing = world, missing

    def __missing__(self, name: str) -> Any:
        return _key(name, self.world, self.missing)


def _key(name: str, world: Any, missing: bool) -> Any:
    if name.startswith("="):
        return name[1:]
    found = attrgetter(name)(world)
    if not isinstance(found, Model):
        return found
    return NOBODY_HAS if missing else found.pk


def rows_of(table: str) -> Iterator[Row]:
    """The first line of a table names its columns; # begins a comment, | parts two records."""
    text = (FOLDER / f"{table}.txt").read_text()
    heads, *lines = filter(None, [line.partition("#")[0].split() for line in text.splitlines()])
    for method, page, records, *codes in lines:
        for record in records.split("|"):
            yield Row(method, page, record, dict(zip(heads[2:], codes, strict=True)))
