"""Documents in SQLite: an FTS5 table for each kind of record, with a column for each field.

The tokenizer splits at spaces and knows no language: the words are folded before.
"""

from collections.abc import Iterable

from django.db import connection

from psf.search.document import Field, SearchDocument
from psf.search.query import MIN_PREFIX, Query, Term, inflections

COLUMNS = [field.name.lower() for field in Field]


class SqliteEngine:
    """See `SearchEngine`."""

    def create_table(self, table: str) -> list[str]:
        columns = ", ".join([*COLUMNS, "digest UNINDEXED"])
        options = "tokenize = 'ascii', prefix = '2 3', columnsize = 0"
        return [f"CREATE VIRTUAL TABLE {table} USING fts5({columns}, {options})"]

    def create_functions(self, table: str) -> list[str]:
        return []

    def drop_table(self, table: str) -> list[str]:
        return [f"DROP TABLE IF EXISTS {table}"]

    def matching_keys_sql(self, table: str, condition: str = "%s") -> str:
        match = f"{table} MATCH coalesce({condition}, '\"\"')"
        return f"SELECT rowid AS record FROM {table} WHERE {match}"

    def all_keys_sql(self, table: str) -> str:
        return f"SELECT rowid FROM {table}"

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
        self.remove_documents(table, [document.record for document in documents])
        columns = ", ".join(["rowid", *COLUMNS, "digest"])
        placeholders = ", ".join(["%s"] * (len(COLUMNS) + 2))
        with connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {table} ({columns}) VALUES ({placeholders})",
                [[row.record, *row.columns, row.digest()] for row in documents],
            )

    def remove_documents(self, table: str, records: list[int]) -> None:
        sql = f"DELETE FROM {table} WHERE rowid = %s"
        with connection.cursor() as cursor:
            cursor.executemany(sql, [[record] for record in records])

    def read_digests(self, table: str) -> dict[int, str]:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT rowid, digest FROM {table}")
            return dict(cursor.fetchall())

    def optimize(self, table: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {table} ({table}) VALUES ('optimize')")


def _term(term: Term, whole_words: bool) -> str:
    phrases: list[str] = []
    for words in term.spellings:
        is_prefix = not term.exact and not whole_words and len(words[-1]) >= MIN_PREFIX
        phrases.append(f'"{" ".join(words)}"{" *" if is_prefix else ""}')
        if term.is_word() and not term.exact:
            phrases += [f'"{word}"' for word in inflections(words[0])]
    return f"({' OR '.join(phrases)})"
