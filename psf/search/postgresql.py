"""The documents in PostgreSQL: a table for each kind of record, with a `tsvector` and its index.

Words come folded, so no parser and no dictionary is asked: the vector is written as such. Each
word has the number of its field before it, because an index does not know weights.
"""

from collections.abc import Iterable

from django.db import connection

from psf.search.document import Document, Field
from psf.search.query import SHORTEST_BEGINNING, Item, Query, inflections
from psf.search.tokens import BREAK, STEM

# Postgres takes reading vectors for cheap and reads them all rather than the index, a hundred
# times slower. Of a function it only knows how many rows it gives, about.
FINDING = """
CREATE OR REPLACE FUNCTION {table}_found(wanted tsquery) RETURNS SETOF bigint
LANGUAGE sql STABLE ROWS 1000 SET enable_seqscan = off
AS $$ SELECT record FROM {table} WHERE words @@ wanted $$
"""


def making(table: str) -> list[str]:
    columns = "record bigint PRIMARY KEY, digest text NOT NULL, words tsvector NOT NULL"
    return [
        f"CREATE TABLE {table} ({columns})",
        f"CREATE INDEX {table}_words ON {table} USING gin (words)",
        *functions(table),
    ]


def functions(table: str) -> list[str]:
    return [FINDING.format(table=table)]


def dropping(table: str) -> list[str]:
    # The second was made by earlier versions.
    functions = [f"DROP FUNCTION IF EXISTS {table}_{name}" for name in ["found", "some"]]
    return [f"DROP TABLE IF EXISTS {table}", *functions]


def finding(table: str, wanted: str = "%s") -> str:
    """The query for the keys of the records for which `condition()` holds; `wanted` says it.

    Where that is NULL none are found.
    """
    return f"SELECT record FROM {table}_found({wanted}::tsquery) AS record"


def keys(table: str) -> str:
    """The query for the keys of all records that have a document."""
    return f"SELECT record FROM {table}"


def condition(query: Query, fields: Iterable[Field], whole: bool = False) -> str:
    """All that is wanted stands in these fields; `whole`: as words, not only as beginnings."""
    wanted = " & ".join(_one(item, fields, whole) for item in query.wanted)
    return f"{wanted} & !({unwanted(query)})" if query.unwanted else wanted


def unwanted(query: Query) -> str:
    """Any of what is not wanted stands anywhere."""
    return " | ".join(_one(item, Field, whole=True) for item in query.unwanted)


def _one(item: Item, fields: Iterable[Field], whole: bool) -> str:
    found: list[str] = []
    for field in fields:
        for words in item.spellings:
            begins = not item.exact and not whole and len(words[-1]) >= SHORTEST_BEGINNING
            phrase = " <-> ".join(f"'{field}{word}'" for word in words)
            found.append(f"{phrase}{':*' if begins else ''}")
            if item.is_word() and not item.exact:
                found += [f"'{field}{each}'" for each in inflections(words[0])]
    return f"({' | '.join(found)})"


def lock(table: str, records: list[int]) -> None:
    """Wait for whoever else is writing these documents: only then read what goes into them."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (record, digest, words) "
            "SELECT record, '', '' FROM unnest(%s::bigint[]) AS record ON CONFLICT DO NOTHING",
            [records],
        )
        cursor.execute(
            f"SELECT record FROM {table} WHERE record = ANY(%s) ORDER BY record FOR UPDATE",
            [records],
        )


def write(table: str, documents: list[Document]) -> None:
    """Put these documents in the place of what was there; their rows are locked."""
    values = [(each.record, each.digest(), _vector(each)) for each in documents]
    sql = f"""
        UPDATE {table} SET digest = new.digest, words = new.words::tsvector
        FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS new (record, digest, words)
        WHERE {table}.record = new.record
    """
    columns = [list(column) for column in zip(*values, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(sql, columns)


def _vector(document: Document) -> str:
    """All words with their places in the field. What stands for inflections is last, without one.

    Postgres itself counts no further than it can, in one field and for one word.
    """
    vector: list[str] = []
    for field, column in enumerate(document.columns):
        words, mark, stems = column.partition(STEM)
        places: dict[str, str] = {}
        for place, word in enumerate(words.split(), 1):
            known = places.get(word)
            places[word] = f"{known},{place}" if known else f"'{field}{word}':{place}"
        places.pop(BREAK, None)
        vector += places.values()
        vector += [f"'{field}{word}'" for word in f"{mark}{stems}".split()]
    return " ".join(vector)


def remove(table: str, records: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE record = ANY(%s)", [records])


def digests(table: str) -> dict[int, str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT record, digest FROM {table}")
        return dict(cursor.fetchall())


def settle(table: str) -> None:
    """Put the index in order after much was written."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT gin_clean_pending_list(%s::regclass)", [f"{table}_words"])
