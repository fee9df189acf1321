"""Documents in SQLite: an FTS5 table for each kind of record, with a column for each field.

The tokenizer splits at spaces and knows no language: the words are folded before. A second table
has the digests.
"""

import sqlite3
from collections.abc import Iterable

from django.db import connection

from psf.search.document import Field, SearchDocument
from psf.search.query import Query, Term
from psf.search.triggers import EVENTS, Watch

COLUMNS = [field.name.lower() for field in Field]
# FTS5 keeps no copy of the words. Versions before 3.43 need a copy to delete documents.
STORAGE = (
    "content = '', contentless_delete = 1"
    if sqlite3.sqlite_version_info >= (3, 43)
    else "columnsize = 0"
)
TRIGGER = """
CREATE TRIGGER {name}_{event} AFTER {event} ON {table} {condition} BEGIN
    {notes}
END
"""
# One note for each record, because an import writes many rows of one project.
NOTE = """
INSERT INTO psf_searchnote (kind, record)
SELECT DISTINCT '{kind}', stale.record FROM ({records}) AS stale WHERE NOT EXISTS (
    SELECT 1 FROM psf_searchnote AS note
    WHERE note.kind = '{kind}' AND note.record = stale.record
);
"""


class SqliteEngine:
    """See `SearchEngine`."""

    def create_table(self, table: str) -> list[str]:
        # No index of prefixes: it would double the file, and only helps words of two letters.
        options = f"tokenize = 'ascii', {STORAGE}"
        return [
            f"CREATE VIRTUAL TABLE {table} USING fts5({', '.join(COLUMNS)}, {options})",
            f"CREATE TABLE {table}_digests (record integer PRIMARY KEY, digest text NOT NULL)",
        ]

    def drop_table(self, table: str) -> list[str]:
        return [f"DROP TABLE IF EXISTS {name}" for name in [table, f"{table}_digests"]]

    def matching_keys_sql(self, table: str) -> str:
        return f"SELECT rowid AS record FROM {table} WHERE {table} MATCH %s"

    def digest_table(self, table: str) -> str:
        return f"{table}_digests"

    def condition(self, query: Query, fields: Iterable[Field], whole_words: bool = False) -> str:
        columns = [COLUMNS[field] for field in fields]
        terms = f"({' AND '.join(_term(term, whole_words) for term in query.required)})"
        if columns != COLUMNS:
            terms = f"({{{' '.join(columns)}}} : {terms})"
        return f"{terms} NOT ({self.excluded_condition(query)})" if query.excluded else terms

    def excluded_condition(self, query: Query) -> str:
        return " OR ".join(_term(term, whole_words=True) for term in query.excluded)

    def lock_documents(self, table: str, records: list[int]) -> None:
        """Do nothing: SQLite has one writer at a time."""

    def write_documents(self, table: str, documents: list[SearchDocument]) -> None:
        columns = ", ".join(["rowid", *COLUMNS])
        placeholders = ", ".join(["%s"] * (len(COLUMNS) + 1))
        with connection.cursor() as cursor:
            cursor.executemany(
                f"REPLACE INTO {table} ({columns}) VALUES ({placeholders})",
                [[row.record, *row.columns] for row in documents],
            )
            cursor.executemany(
                f"REPLACE INTO {table}_digests (record, digest) VALUES (%s, %s)",
                [[row.record, row.digest()] for row in documents],
            )

    def remove_documents(self, table: str, records: list[int]) -> None:
        keys = [[record] for record in records]
        with connection.cursor() as cursor:
            cursor.executemany(f"DELETE FROM {table} WHERE rowid = %s", keys)
            cursor.executemany(f"DELETE FROM {table}_digests WHERE record = %s", keys)

    def create_triggers(self, kind: str, watch: Watch) -> list[str]:
        name = watch.name(kind)
        changed = " OR ".join(f"old.{column} IS NOT new.{column}" for column in watch.columns)
        drops = [f"DROP TRIGGER IF EXISTS {name}_{event.lower()}" for event in EVENTS]
        creates = [
            TRIGGER.format(
                name=name,
                event=event.lower(),
                table=watch.table,
                condition=f"WHEN {changed}" if event == "UPDATE" else "",
                notes="".join(
                    NOTE.format(kind=kind, records=watch.records.format(row=row)) for row in rows
                ),
            )
            for event, rows in EVENTS.items()
        ]
        return drops + creates

    def optimize(self, table: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {table} ({table}) VALUES ('optimize')")


def _term(term: Term, whole_words: bool) -> str:
    phrases = [
        f'"{" ".join(words)}"{" *" if is_prefix else ""}'
        for words, is_prefix in term.phrases(whole_words)
    ]
    return f"({' OR '.join(phrases)})"
