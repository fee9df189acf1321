"""The SQL of prepared queries for SQLite."""

import re
from collections.abc import Sequence
from typing import Any

from psf.database.parameters import PLACEHOLDER, Row, values_in_order
from psf.database.sql import fetch_all


class SqliteStatement:
    """A statement in which texts that are constants are part of the SQL.

    SQLite plans a statement again at each execution if a partial index may match a value, such as
    the role of a partner.
    """

    def __init__(self, sql: str, params: Sequence[Any]) -> None:
        places = iter(params)

        def write_text(match: re.Match[str]) -> str:
            if match[0] == "%s" and isinstance(param := next(places), str):
                return "'{}'".format(param.replace("'", "''").replace("%", "%%"))
            return match[0]

        self.sql = PLACEHOLDER.sub(write_text, sql)
        self.params = [param for param in params if not isinstance(param, str)]

    def rows(self, values: dict[str, Any]) -> list[Row]:
        """The rows of the query with these values, by name of the parameter."""
        return fetch_all(self.sql, values_in_order(self.params, values))
