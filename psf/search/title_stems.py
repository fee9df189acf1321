"""In which titles a word or an inflection of it stands: a narrow table beside the documents.

The page of each project asks for several words, and a document is long to read for that.
"""

from itertools import chain
from typing import Any

from django.db import connection

from psf.search.document import Document

END = {"sqlite": "WITHOUT ROWID", "postgresql": ""}
PAIRS_A_STATEMENT = 5000


def making(table: str) -> list[str]:
    columns = "record bigint NOT NULL, stem varchar(40) NOT NULL, PRIMARY KEY (record, stem)"
    return [
        f"CREATE TABLE {table}_titles ({columns}) {END[connection.vendor]}",
        f"CREATE INDEX {table}_titles_stem ON {table}_titles (stem, record)",
    ]


def dropping(table: str) -> list[str]:
    return [f"DROP TABLE IF EXISTS {table}_titles"]


def in_few(table: str, stems: int) -> str:
    """The condition on a row of the table that its stem is one of so many, and in few titles.

    Its parameters, for each of them: the stem twice, and the most titles in which it may stand.
    """
    one_too_many = f"SELECT record FROM {table}_titles WHERE stem = %s LIMIT 1 OFFSET %s"
    rare = f"(SELECT %s WHERE ({one_too_many}) IS NULL)"
    return f"{table}_titles.stem IN ({', '.join([rare] * stems)})"


def write(table: str, records: list[int], documents: list[Document]) -> None:
    """Put what stands in these documents in the place of what was there of the records."""
    pairs = [(each.record, stem) for each in documents for stem in each.stems_of_title()]
    with connection.cursor() as cursor:
        places = ", ".join(["%s"] * len(records))
        cursor.execute(f"DELETE FROM {table}_titles WHERE record IN ({places})", records)
        for start in range(0, len(pairs), PAIRS_A_STATEMENT):
            some = pairs[start : start + PAIRS_A_STATEMENT]
            places = ", ".join(["(%s, %s)"] * len(some))
            values: list[Any] = [*chain.from_iterable(some)]
            cursor.execute(f"INSERT INTO {table}_titles (record, stem) VALUES {places}", values)
