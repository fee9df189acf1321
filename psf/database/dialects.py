"""The SQL that differs between the databases."""

from typing import Any, Protocol

from psf.database.postgresql import PostgresqlDialect
from psf.database.sqlite import SqliteDialect


class Dialect(Protocol):
    """Parts of statements of one database: braces for SQL, percent signs for parameters."""

    joined_keys: str  # the keys of a column, with commas
    # The first transaction that may be running, and the next one; "" with one writer at a time.
    running_transactions: str
    existing_triggers: str  # the name and the table of each; the project created all of them
    drop_trigger: str
    is_read_only: str
    # Statements that fail unless the connection may write now.
    begin_writing: list[str]
    # Statements before the writing of many rows.
    enlarge_cache: list[str]

    def keys_query(self, values: list[Any], db_type: str) -> tuple[str, list[Any]]:
        """Return a query for keys of this type, and its parameter, however many the keys are."""

    def refuse_updates(self, table: str, name: str, message: str) -> list[str]:
        """Return the statements that create a trigger `name` against updates of a table."""


DIALECTS: dict[str, Dialect] = {"sqlite": SqliteDialect(), "postgresql": PostgresqlDialect()}
