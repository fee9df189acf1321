"""A narrow table of the stems in titles.

A project's page looks up several words, and reading the documents would be too slow.
"""

from django.db import connection

from psf.database.dialects import DIALECTS
from psf.database.sql import chunked
from psf.search.document import SearchDocument

PAIRS_A_STATEMENT = 5000


def create_title_table(table: str) -> list[str]:
    columns = "record bigint NOT NULL, stem varchar(40) NOT NULL, PRIMARY KEY (record, stem)"
    return [
        f"CREATE TABLE {table}_titles ({columns}) {DIALECTS[connection.vendor].key_only_table}",
        f"CREATE INDEX {table}_titles_stem ON {table}_titles (stem, record)",
    ]


def drop_title_table(table: str) -> list[str]:
    return [f"DROP TABLE IF EXISTS {table}_titles"]


def rare_stem_condition(table: str, stems: int) -> str:
    """Return a condition on the table: the stem is one of `stems` stems and in few titles.

    The parameters of each stem are the stem, the stem again, and the maximum number of titles.
    """
    next_title = f"SELECT record FROM {table}_titles WHERE stem = %s LIMIT 1 OFFSET %s"
    rare = f"(SELECT %s WHERE ({next_title}) IS NULL)"
    return f"{table}_titles.stem IN ({', '.join([rare] * stems)})"


def write_title_stems(table: str, records: list[int], documents: list[SearchDocument]) -> None:
    """Replace the title stems of records by those of the documents."""
    pairs = [(row.record, stem) for row in documents for stem in row.title_stems()]
    with connection.cursor() as cursor:
        placeholders = ", ".join(["%s"] * len(records))
        cursor.execute(f"DELETE FROM {table}_titles WHERE record IN ({placeholders})", records)
        for chunk in chunked(pairs, PAIRS_A_STATEMENT):
            placeholders = ", ".join(["(%s, %s)"] * len(chunk))
            values = [value for pair in chunk for value in pair]
            cursor.execute(
                f"INSERT INTO {table}_titles (record, stem) VALUES {placeholders}", values
            )
