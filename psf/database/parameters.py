"""Parameters of prepared queries: named places for values that change from call to call."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import DateTimeField, Field, Value

from psf.database.dialects import DIALECTS


class Parameter(Value):
    """The place of a value in a query. The field says which type of value."""

    def __init__(self, value: str, output_field: "Field[Any, Any]") -> None:
        super().__init__(value, output_field=output_field)

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]

    def database_value(self, value: object, database: BaseDatabaseWrapper) -> object:
        return self.output_field.get_db_prep_value(value, connection=database)


class KeysParameter(Parameter):
    """The place of any number of keys in a query of `Dialect.keys_query()`."""

    def database_value(self, value: Any, database: BaseDatabaseWrapper) -> object:
        _sql, (keys,) = DIALECTS[database.vendor].keys_query([*value], "")
        return keys


# The moment at which a record must be public. A prepared query fills in the current moment.
NOW = Parameter("at", DateTimeField())
Moment = datetime | Parameter | None


def values_in_order(params: Sequence[Any], values: dict[str, Any]) -> list[Any]:
    """The parameters of the statement with the values for the database."""
    return [
        param.database_value(values[param.value], connection)
        if isinstance(param, Parameter)
        else param
        for param in params
    ]
