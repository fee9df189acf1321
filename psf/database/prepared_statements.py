"""The SQL of prepared queries, for SQLite and for PostgreSQL."""

import re
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any
from weakref import WeakKeyDictionary

from django.db import DEFAULT_DB_ALIAS, connection, connections

from psf.database.parameters import Parameter
from psf.database.sql import fetch_all

Row = tuple[Any, ...]
PLACEHOLDER = re.compile("%[s%]")


class SqliteStatement:
    """A statement in which values have names. Texts that are constants are part of the SQL.

    Without names, Django looks for the places of the values at each execution, and the present
    moment is converted for each of its places. SQLite plans a statement again at each execution if
    a partial index may match a value, such as the role of a partner.
    """

    def __init__(self, sql: str, params: Sequence[Any]) -> None:
        places = iter(params)
        names: dict[str, str] = {}
        self.parameters: dict[str, Parameter] = {}
        self.constants: dict[str, Any] = {}

        def write_value(match: re.Match[str]) -> str:
            if match[0] == "%%":
                return match[0]
            param = next(places)
            if isinstance(param, str):
                return "'{}'".format(param.replace("'", "''").replace("%", "%%"))
            if isinstance(param, Parameter):
                name = names.setdefault(param.value, f"value_{len(names)}")
                self.parameters[name] = param
            else:
                name = f"constant_{len(self.constants)}"
                self.constants[name] = param
            return f"%({name})s"

        self.sql = PLACEHOLDER.sub(write_value, sql)

    def rows(self, values: dict[str, Any]) -> list[Row]:
        """The rows of the query with these values, by name of the parameter."""
        return fetch_all(self.sql, self.constants | _database_values(self.parameters, values))


def _database_values(parameters: Mapping[str, Parameter], values: dict[str, Any]) -> dict[str, Any]:
    """The values for the database, by name in the statement."""
    database = connections[DEFAULT_DB_ALIAS]
    return {
        name: parameter.database_value(values[parameter.value], database)
        for name, parameter in parameters.items()
    }


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
        order = [param for param in params if isinstance(param, Parameter)]
        self.parameters = {param.value: param for param in order}
        self.order = [param.value for param in order]
        self.constants = [param for param in params if not isinstance(param, Parameter)]
        self.arguments = f"({', '.join(['%s'] * len(order))})" if order else ""
        # By the driver's connection.
        self.names: WeakKeyDictionary[Any, str] = WeakKeyDictionary()

    def rows(self, values: dict[str, Any]) -> list[Row]:
        given = _database_values(self.parameters, values)
        arguments = [given[name] for name in self.order]
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
