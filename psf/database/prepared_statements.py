"""The SQL of prepared queries, for SQLite and for PostgreSQL."""

import re
from collections.abc import Sequence
from itertools import count
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connection

from psf.database.parameters import Parameter
from psf.database.sql import fetch_all

Row = tuple[Any, ...]
PLACEHOLDER = re.compile("%[s%]")


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
        return fetch_all(self.sql, _with_values(self.params, values))


def _with_values(params: Sequence[Any], values: dict[str, Any]) -> list[Any]:
    """The parameters of the statement with the values for the database."""
    return [
        param.database_value(values[param.value], connection)
        if isinstance(param, Parameter)
        else param
        for param in params
    ]


class PostgresqlStatement:
    """A statement that each connection prepares at its first execution.

    Planning takes longer than execution. After some executions the server keeps the plan.
    """

    NUMBERS = count()

    def __init__(self, sql: str, params: Sequence[Any]) -> None:
        numbers, values = count(1), iter(params)

        def number_placeholder(match: re.Match[str]) -> str:
            is_parameter = match[0] == "%s" and isinstance(next(values), Parameter)
            return f"${next(numbers)}" if is_parameter else match[0]

        self.sql = PLACEHOLDER.sub(number_placeholder, sql)
        self.parameters = [param for param in params if isinstance(param, Parameter)]
        self.constants = [param for param in params if not isinstance(param, Parameter)]
        places = ", ".join(["%s"] * len(self.parameters))
        self.arguments = f"({places})" if places else ""
        # By the driver's connection.
        self.names: WeakKeyDictionary[Any, str] = WeakKeyDictionary()

    def rows(self, values: dict[str, Any]) -> list[Row]:
        arguments = _with_values(self.parameters, values)
        with connection.cursor() as cursor:
            if name := self.names.get(cursor.connection):
                cursor.execute(f"EXECUTE {name} {self.arguments}", arguments)
            else:
                # Each name is used once: after a failure nobody knows whether the name exists.
                name = f"psf_{next(self.NUMBERS)}"
                sql = f"PREPARE {name} AS {self.sql}; EXECUTE {name} {self.arguments}"
                cursor.execute(sql, [*self.constants, *arguments])
                self.names[cursor.connection] = name
            rows: list[Row] = cursor.fetchall()
        return rows


Statement = SqliteStatement | PostgresqlStatement
STATEMENTS: dict[str, type[Statement]] = {
    "sqlite": SqliteStatement,
    "postgresql": PostgresqlStatement,
}
