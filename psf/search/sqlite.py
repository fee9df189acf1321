"""The documents in SQLite: a table of FTS5 for each kind of record, a column for each field.

Its tokenizer only cuts at spaces and knows no language: words come folded.
"""

from collections.abc import Iterable

from django.db import connection

from psf.search.document import Document, Field
from psf.search.query import SHORTEST_BEGINNING, Item, Query, inflections

COLUMNS = [field.name.lower() for field in Field]


def making(table: str) -> list[str]:
    columns = ", ".join([*COLUMNS, "digest UNINDEXED"])
    options = "tokenize = 'ascii', prefix = '2 3', columnsize = 0"
    return [f"CREATE VIRTUAL TABLE {table} USING fts5({columns}, {options})"]


def functions(table: str) -> list[str]:
    return []


def dropping(table: str) -> list[str]:
    return [f"DROP TABLE IF EXISTS {table}"]


def finding(table: str, wanted: str = "%s") -> str:
    """The query for the keys of the records for which `condition()` holds; `wanted` says it.

    Where that is NULL none are found.
    """
    return f"SELECT rowid AS record FROM {table} WHERE {table} MATCH coalesce({wanted}, '\"\"')"


def keys(table: str) -> str:
    """The query for the keys of all records that have a document."""
    return f"SELECT rowid FROM {table}"


def condition(query: Query, fields: Iterable[Field], whole: bool = False) -> str:
    """All that is wanted stands in these fields; `whole`: as words, not only as beginnings."""
    columns = [COLUMNS[field] for field in fields]
    found = f"({' AND '.join(_one(item, whole) for item in query.wanted)})"
    if columns != COLUMNS:
        found = f"({{{' '.join(columns)}}} : {found})"
    return f"{found} NOT ({unwanted(query)})" if query.unwanted else found


def unwanted(query: Query) -> str:
    """Any of what is not wanted stands anywhere."""
    return " OR ".join(_one(item, whole=True) for item in query.unwanted)


def _one(item: Item, whole: bool) -> str:
    found: list[str] = []
    for words in item.spellings:
        begins = not item.exact and not whole and len(words[-1]) >= SHORTEST_BEGINNING
        found.append(f'"{" ".join(words)}"{" *" if begins else ""}')
        if item.is_word() and not item.exact:
            found += [f'"{each}"' for each in inflections(words[0])]
    return f"({' OR '.join(found)})"


def lock(table: str, records: list[int]) -> None:
    """Nothing to do: there is one writer at a time."""


def write(table: str, documents: list[Document]) -> None:
    """Put these documents in the place of what was there."""
    remove(table, [document.record for document in documents])
    columns = ", ".join(["rowid", *COLUMNS, "digest"])
    places = ", ".join(["%s"] * (len(COLUMNS) + 2))
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {table} ({columns}) VALUES ({places})",
            [[each.record, *each.columns, each.digest()] for each in documents],
        )


def remove(table: str, records: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(f"DELETE FROM {table} WHERE rowid = %s", [[each] for each in records])


def digests(table: str) -> dict[int, str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT rowid, digest FROM {table}")
        return dict(cursor.fetchall())


def settle(table: str) -> None:
    """Put the index in order after much was written."""
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({table}) VALUES ('optimize')")
