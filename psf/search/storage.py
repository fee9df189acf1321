"""Storing and finding documents in the current database.

The words are folded before, so the databases need no parser and no dictionary.
"""

import sqlite3
from collections.abc import Iterable

from django.db import connection

from psf.database.sql import for_database
from psf.search.document import BREAK, STEM, Field, SearchDocument
from psf.search.query import Query, Term

# SQLite: an FTS5 table with a column for each field. A second table has the digests.

COLUMNS = [field.name.lower() for field in Field]
# FTS5 keeps no copy of the words. Versions before 3.43 need a copy to delete documents.
STORAGE = (
    "content = '', contentless_delete = 1"
    if sqlite3.sqlite_version_info >= (3, 43)
    else "columnsize = 0"
)


class SqliteEngine:
    """Stores and finds the documents of a table. Methods with `_sql` return one SQL query."""

    def create_table(self, table: str) -> list[str]:
        """Return the statements that create the table, its index and its functions."""
        # No index of prefixes: it would double the file, and only helps words of two letters.
        options = f"tokenize = 'ascii', {STORAGE}"
        return [
            f"CREATE VIRTUAL TABLE {table} USING fts5({', '.join(COLUMNS)}, {options})",
            f"CREATE TABLE {table}_digests (record integer PRIMARY KEY, digest text NOT NULL)",
        ]

    def drop_table(self, table: str) -> list[str]:
        return [f"DROP TABLE IF EXISTS {name}" for name in [table, f"{table}_digests"]]

    def matching_keys_sql(self, table: str) -> str:
        """Return a query for the keys of matching documents, in the column `record`.

        Its parameter is a condition.
        """
        return f"SELECT rowid AS record FROM {table} WHERE {table} MATCH %s"

    def digest_table(self, table: str) -> str:
        """Return the name of the table with `record` and `digest` of every document."""
        return f"{table}_digests"

    def condition(self, query: Query, fields: Iterable[Field], whole_words: bool = False) -> str:
        """Return the condition that these fields contain all required terms of a query.

        Without `whole_words`, a word also matches as the beginning of a word. No field may
        contain an excluded term.
        """
        columns = [COLUMNS[field] for field in fields]
        terms = f"({' AND '.join(_sqlite_term(term, whole_words) for term in query.required)})"
        if columns != COLUMNS:
            terms = f"({{{' '.join(columns)}}} : {terms})"
        return f"{terms} NOT ({self.excluded_condition(query)})" if query.excluded else terms

    def excluded_condition(self, query: Query) -> str:
        return " OR ".join(_sqlite_term(term, whole_words=True) for term in query.excluded)

    def lock_documents(self, table: str, records: list[int]) -> None:
        """Wait until other transactions have written these documents. SQLite has one writer."""

    def write_documents(self, table: str, documents: list[SearchDocument]) -> None:
        """Replace these documents. The caller must hold their locks."""
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


def _sqlite_term(term: Term, whole_words: bool) -> str:
    phrases = [
        f'"{" ".join(words)}"{" *" if is_prefix else ""}'
        for words, is_prefix in term.phrases(whole_words)
    ]
    return f"({' OR '.join(phrases)})"


# PostgreSQL: a table with a `tsvector`. Each word starts with the number of its field, because an
# index does not store weights.

# PostgreSQL underestimates the cost of reading vectors and would scan the table. Inside the
# function it must use the index, and the caller sees an estimate of 1000 rows.
MATCH_FUNCTION = """
CREATE OR REPLACE FUNCTION {table}_found(wanted tsquery) RETURNS SETOF bigint
LANGUAGE sql STABLE ROWS 1000 SET enable_seqscan = off
AS $$ SELECT record FROM {table} WHERE words @@ wanted $$
"""


class PostgresqlEngine:
    """The same as `SqliteEngine`."""

    def create_table(self, table: str) -> list[str]:
        columns = "record bigint PRIMARY KEY, digest text NOT NULL, words tsvector NOT NULL"
        return [
            f"CREATE TABLE {table} ({columns})",
            f"CREATE INDEX {table}_words ON {table} USING gin (words)",
            MATCH_FUNCTION.format(table=table),
        ]

    def drop_table(self, table: str) -> list[str]:
        return [f"DROP TABLE IF EXISTS {table}", f"DROP FUNCTION IF EXISTS {table}_found"]

    def matching_keys_sql(self, table: str) -> str:
        return f"SELECT record FROM {table}_found(%s::tsquery) AS record"

    def digest_table(self, table: str) -> str:
        return table

    def condition(self, query: Query, fields: Iterable[Field], whole_words: bool = False) -> str:
        terms = " & ".join(_postgresql_term(term, fields, whole_words) for term in query.required)
        return f"{terms} & !({self.excluded_condition(query)})" if query.excluded else terms

    def excluded_condition(self, query: Query) -> str:
        return " | ".join(
            _postgresql_term(term, Field, whole_words=True) for term in query.excluded
        )

    def lock_documents(self, table: str, records: list[int]) -> None:
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

    def write_documents(self, table: str, documents: list[SearchDocument]) -> None:
        values = [(row.record, row.digest(), _vector(row)) for row in documents]
        sql = f"""
            UPDATE {table} SET digest = new.digest, words = new.words::tsvector
            FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS new (record, digest, words)
            WHERE {table}.record = new.record
        """
        columns = [list(column) for column in zip(*values, strict=True)]
        with connection.cursor() as cursor:
            cursor.execute(sql, columns)

    def remove_documents(self, table: str, records: list[int]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {table} WHERE record = ANY(%s)", [records])


def _postgresql_term(term: Term, fields: Iterable[Field], whole_words: bool) -> str:
    phrases = [
        " <-> ".join(f"'{field}{word}'" for word in words) + (":*" if is_prefix else "")
        for field in fields
        for words, is_prefix in term.phrases(whole_words)
    ]
    return f"({' | '.join(phrases)})"


def _vector(document: SearchDocument) -> str:
    """Return the words with positions in their field, then the marked stems without positions.

    PostgreSQL itself ignores positions over its limits.
    """
    vector: list[str] = []
    for field, column in enumerate(document.columns):
        words, mark, stems = column.partition(STEM)
        lexemes: dict[str, str] = {}
        for position, word in enumerate(words.split(), 1):
            lexeme = lexemes.get(word)
            lexemes[word] = f"{lexeme},{position}" if lexeme else f"'{field}{word}':{position}"
        lexemes.pop(BREAK, None)
        vector += lexemes.values()
        vector += [f"'{field}{word}'" for word in f"{mark}{stems}".split()]
    return " ".join(vector)


SearchEngine = SqliteEngine | PostgresqlEngine
ENGINES: dict[str, SearchEngine] = {"sqlite": SqliteEngine(), "postgresql": PostgresqlEngine()}


def current_engine() -> SearchEngine:
    return for_database(ENGINES)
