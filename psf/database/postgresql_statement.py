"""The SQL of prepared queries for PostgreSQL."""

import re
from collections.abc import Sequence
from itertools import count
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connection

from psf.database.parameters import PLACEHOLDER, Parameter, Row, values_in_order


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
        arguments = values_in_order(self.parameters, values)
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
