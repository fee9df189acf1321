"""The search engine of the current database."""

from collections.abc import Iterable
from typing import Protocol

from django.db import connection

from psf.search.document import Field, SearchDocument
from psf.search.postgresql import PostgresqlEngine
from psf.search.query import Query
from psf.search.sqlite import SqliteEngine
from psf.search.triggers import Watch


class SearchEngine(Protocol):
    """Stores and finds the documents of a table. Methods with `_sql` return one SQL query."""

    def create_table(self, table: str) -> list[str]:
        """Return the statements that create the table, its index and its functions."""

    def drop_table(self, table: str) -> list[str]:
        """Return the statements that drop the table and its functions, if they exist."""

    def matching_keys_sql(self, table: str) -> str:
        """Return a query for the keys of matching documents, in the column `record`.

        Its parameter is a condition.
        """

    def digest_table(self, table: str) -> str:
        """Return the name of the table with `record` and `digest` of every document."""

    def condition(self, query: Query, fields: Iterable[Field], whole_words: bool = False) -> str:
        """Return the condition that these fields contain all required terms of a query.

        Without `whole_words`, a word also matches as the beginning of a word. No field may
        contain an excluded term.
        """

    def excluded_condition(self, query: Query) -> str:
        """Return the condition that any field contains an excluded term of a query."""

    def lock_documents(self, table: str, records: list[int]) -> None:
        """Wait until other transactions have written these documents."""

    def write_documents(self, table: str, documents: list[SearchDocument]) -> None:
        """Replace these documents. The caller must hold their locks."""

    def remove_documents(self, table: str, records: list[int]) -> None: ...

    def create_triggers(self, kind: str, watch: Watch) -> list[str]:
        """Return the statements that create or replace the triggers of a table for an index."""

    def optimize(self, table: str) -> None:
        """Compact the index after many writes."""


ENGINES: dict[str, SearchEngine] = {"sqlite": SqliteEngine(), "postgresql": PostgresqlEngine()}


def current_engine() -> SearchEngine:
    return ENGINES[connection.vendor]
