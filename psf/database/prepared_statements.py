"""The SQL of prepared queries, for SQLite and for PostgreSQL."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Any
from weakref import WeakKeyDictionary

from django.db import DEFAULT_DB_ALIAS, connection, connections

from psf.database.parameters import Parameter
from psf.database.sql import fetch_all

Row = tuple[Any, ...]
PLACEHOLDER = re.compile("%[s%]")


class Statement(ABC):
    """The SQL of a query with its parameters. Other values are constants of the query."""

    def __init__(self, params: Sequence[Any]) -> None:
        self.parameters = {param.value: param for param in params if isinstance(param, Parameter)}

    @abstractmethod
    def rows(self, values: dict[str, Any]) -> list[Row]:
        """The rows of the query with these values, by name of the parameter."""

    def database_values(self, values: dict[str, Any]) -> dict[str, Any]:
        database = connections[DEFAULT_DB_ALIAS]
        return {
            name: parameter.database_value(values[name], database)
            for name, parameter in self.parameters.items()
        }


class SqliteStatement(Statement):
    """A statement in which every value has a name, except texts, which are part of the SQL.

    Django looks for the places of values without names at each execution. SQLite plans a statement
    again at each execution if a partial index may match a value, such as the role of a partner.
    """

    def __init__(self, sql: str, params: Sequence[Any]) -> None:
        super().__init__(params)
        self.names = {name: f"parameter{number}" for number, name in enumerate(self.parameters)}
        self.constants: dict[str, Any] = {}
        self.sql = PLACEHOLDER.sub(self._namer(iter(params)), sql)

    def _namer(self, params: Iterator[Any]) -> Callable[[re.Match[str]], str]:
        def name_placeholder(match: re.Match[str]) -> str:
            if match[0] == "%%":
                return match[0]
            param = next(params)
            if isinstance(param, Parameter):
                return f"%({self.names[param.value]})s"
            if isinstance(param, str):
                return "'{}'".format(param.replace("'", "''").replace("%", "%%"))
            name = f"constant{len(self.constants)}"
            self.constants[name] = param
            return f"%({name})s"

        return name_placeholder

    def rows(self, values: dict[str, Any]) -> list[Row]:
        prepared = self.database_values(values)
        return fetch_all(
            self.sql, self.constants | {self.names[name]: prepared[name] for name in prepared}
        )


class PostgresqlStatement(Statement):
    """A statement that each connection prepares at its first execution.

    Planning takes longer than execution. After some executions the server keeps the plan.
    """

    NUMBERS = count()

    def __init__(self, sql: str, params: Sequence[Any]) -> None:
        super().__init__(params)
        numbers, values = count(1), iter(params)

        def number_placeholder(match: re.Match[str]) -> str:
            is_parameter = match[0] == "%s" and isinstance(next(values), Parameter)
            return f"${next(numbers)}" if is_parameter else match[0]

        self.sql = PLACEHOLDER.sub(number_placeholder, sql)
        self.order = [param.value for param in params if isinstance(param, Parameter)]
        self.constants = [param for param in params if not isinstance(param, Parameter)]
        self.arguments = f"({', '.join(['%s'] * len(self.order))})" if self.order else ""
        # By the driver's connection.
        self.names: WeakKeyDictionary[Any, str] = WeakKeyDictionary()

    def rows(self, values: dict[str, Any]) -> list[Row]:
        prepared = self.database_values(values)
        arguments = [prepared[name] for name in self.order]
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


STATEMENTS = {"sqlite": SqliteStatement, "postgresql": PostgresqlStatement}
