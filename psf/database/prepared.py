"""Queries that are said in SQL once and asked many times, each time with other values.

Django takes ten times longer to say the queries of a page than the database to answer them. A
prepared query is made of the same querysets as any other, so `public()` stays the only door. It
is compiled once in a process for each kind of database.
"""

import re
from abc import abstractmethod
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cached_property
from itertools import count
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import (
    BigIntegerField,
    DateTimeField,
    Field,
    ManyToOneRel,
    Prefetch,
    QuerySet,
    Value,
)
from django.db.models.query import ModelIterable, get_related_populators
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from psf.database.sql import compiler_of, fetch_all

Row = tuple[Any, ...]
# What makes records, or tuples of Python's values, of rows.
Reader = Callable[[list[Row]], list[Any]]


class Parameter(Value):
    """The place of a value in a query, by its name. The field says what kind of value."""

    def __init__(self, value: str, output_field: "Field[Any, Any]") -> None:
        super().__init__(value, output_field=output_field)

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]

    def filled(self, value: Any, database: Any) -> Any:
        """What that database is given in its place."""
        if type(value) is int:  # which the field would look at in vain, and most values are keys
            return value
        return self.output_field.get_db_prep_value(value, connection=database)


# The moment at which something is public: now, where no other is given.
AT = Parameter("at", DateTimeField())
Moment = datetime | Parameter | None


PLACE = re.compile("%[s%]")


class Statement:
    """The SQL of a query and its parameters, with the slots among them."""

    def __init__(self, params: list[Any]) -> None:
        self.slots = {param.value: param for param in params if isinstance(param, Parameter)}

    @abstractmethod
    def rows(self, values: dict[str, Any]) -> list[Row]:
        """What the database answers with these values in the slots."""

    def ready(self, values: dict[str, Any]) -> dict[str, Any]:
        """What the database is given for each slot, which may stand in many places."""
        database = connections[DEFAULT_DB_ALIAS]
        return {name: slot.filled(values[name], database) for name, slot in self.slots.items()}


class Named(Statement):
    """One in which each value has a name, for SQLite.

    Of values without, Django looks for each place anew whenever the statement is asked.
    """

    def __init__(self, sql: str, params: list[Any]) -> None:
        super().__init__(params)
        self.names = {name: f"slot{number}" for number, name in enumerate(self.slots)}
        self.others: dict[str, Any] = {}
        each = iter(params)

        def named(found: re.Match[str]) -> str:
            if found[0] == "%%":
                return found[0]
            param = next(each)
            if isinstance(param, Parameter):
                return f"%({self.names[param.value]})s"
            self.others[name := f"value{len(self.others)}"] = param
            return f"%({name})s"

        self.sql = PLACE.sub(named, sql)

    def rows(self, values: dict[str, Any]) -> list[Row]:
        ready = {self.names[name]: value for name, value in self.ready(values).items()}
        return fetch_all(self.sql, self.others | ready)


class Planned(Statement):
    """One that each connection to PostgreSQL prepares when it is first asked.

    Planning takes longer there than answering; after some times the server keeps the plan.
    """

    NUMBERS = count()

    def __init__(self, sql: str, params: list[Any]) -> None:
        places, each = count(1), iter(params)

        def numbered(found: re.Match[str]) -> str:
            is_slot = found[0] == "%s" and isinstance(next(each), Parameter)
            return f"${next(places)}" if is_slot else found[0]

        super().__init__(params)
        self.sql = PLACE.sub(numbered, sql)
        self.given = [param.value for param in params if isinstance(param, Parameter)]
        self.others = [param for param in params if not isinstance(param, Parameter)]
        self.list = f"({', '.join(['%s'] * len(self.given))})" if self.given else ""
        # By the driver's connection.
        self.names: WeakKeyDictionary[Any, str] = WeakKeyDictionary()

    def rows(self, values: dict[str, Any]) -> list[Row]:
        ready = self.ready(values)
        given = [ready[name] for name in self.given]
        with connection.cursor() as cursor:
            if name := self.names.get(cursor.connection):
                cursor.execute(f"EXECUTE {name} {self.list}", given)
                return cursor.fetchall()
            # A name is never given twice: one that failed may be there or not.
            name = f"psf_{next(self.NUMBERS)}"
            sql = f"PREPARE {name} AS {self.sql}; EXECUTE {name} {self.list}"
            cursor.execute(sql, [*self.others, *given])
            self.names[cursor.connection] = name
            return cursor.fetchall()


KINDS = {"sqlite": Named, "postgresql": Planned}


class Prepared:
    """A query with slots, which `make` gives; or several, whose rows follow one another.

    Called with a value for each slot it gives what the queryset would: the tuples of
    `values_list()`, or records with what was selected and counted beside them. What
    `prefetch_related()` names, `one()` alone loads.
    """

    def __init__(self, make: Callable[[], QuerySet[Any] | list[QuerySet[Any]]]) -> None:
        self._make = make
        self._statements: dict[str, tuple[Statement, Reader]] = {}

    def __call__(self, **values: Any) -> list[Any]:
        # Not `connection`, which looks for this one again at each word.
        database = connections[DEFAULT_DB_ALIAS]
        known = self._statements.get(database.vendor)
        if known is None:
            known = self._statements[database.vendor] = self._compiled()
        statement, read = known
        return read(statement.rows({AT.value: timezone.now(), **values}))

    def one(self, **values: Any) -> Any:
        """The first record with its relatives, or None."""
        record = next(iter(self(**values)), None)
        if record is not None:
            for relatives in self._relatives:
                relatives.attach(record, values)
        return record

    def _compiled(self) -> "tuple[Statement, Reader]":
        made: Any = self._make()
        queries = made if isinstance(made, list) else [made]
        compilers = [compiler_of(rows) for rows in queries]
        said = [compiler.as_sql() for compiler in compilers]
        sql = " UNION ALL ".join(f"SELECT * FROM ({sql}) AS part" for sql, _params in said)
        params = [param for _sql, params in said for param in params]
        if any(is_moment(param) for param in params):
            raise ValueError("A moment stands in a prepared query for ever: make it a slot.")
        statement = KINDS[connection.vendor](sql if len(said) > 1 else said[0][0], params)
        return statement, reader(queries[0], compilers[0])

    @cached_property
    def _relatives(self) -> list["Relatives"]:
        rows: Any = self._make()
        return [relatives(rows.model, lookup) for lookup in rows._prefetch_related_lookups]


class PreparedForKeys:
    """A query for records of so many keys, which `make` gives for a list of slots.

    Statements are made for a few numbers of keys alone, so places are filled up.
    """

    AT_ONCE = 25

    def __init__(self, make: Callable[[list[Any]], QuerySet[Any]]) -> None:
        self._make = make
        self._prepared: dict[int, Prepared] = {}

    def of(self, keys: Iterable[int], **values: Any) -> list[Any]:
        """The records of those keys."""
        given = list(keys)
        if not given:
            return []
        given += [given[0]] * (-len(given) % self.AT_ONCE)
        slots = {f"key {place}": key for place, key in enumerate(given)}
        if len(given) not in self._prepared:
            names = [Parameter(name, BigIntegerField()) for name in slots]
            self._prepared[len(given)] = Prepared(lambda: self._make(names))
        return self._prepared[len(given)](**slots, **values)


def is_moment(param: Any) -> bool:
    return isinstance(param, datetime) or (isinstance(param, str) and bool(parse_datetime(param)))


def reader(rows: Any, compiler: Any) -> Reader:
    """What makes records, or tuples of Python's values, of the rows of a compiled query."""
    converters = compiler.get_converters([column for column, _sql, _alias in compiler.select])
    record = _record(compiler) if issubclass(rows._iterable_class, ModelIterable) else tuple

    def read(found: list[Row]) -> list[Any]:
        # The compiler's connection may be another thread's: it only says what kind of database.
        values = compiler.apply_converters(found, converters) if converters else found
        return [record(row) for row in values]

    return read


def _record(compiler: Any) -> Callable[[Row], Any]:
    """What Django's own querysets do with a row."""
    info, select = compiler.klass_info, compiler.select
    first, last = info["select_fields"][0], info["select_fields"][-1] + 1
    names = [column.target.attname for column, _sql, _alias in select[first:last]]
    populators = get_related_populators(info, select, connection.alias)  # type: ignore[call-arg]
    annotations = compiler.annotation_col_map.items()

    def record(row: Row) -> Any:
        found = info["model"].from_db(connection.alias, names, row[first:last])
        for populator in populators:
            populator.populate(row, found)
        for name, place in annotations:
            setattr(found, name, row[place])
        return found

    return record


def attach(record: Any, relation: str, rows: list[Any]) -> None:
    """Put rows where `prefetch_related()` would: `all()` gives them, and nothing else is there."""
    record.__dict__.setdefault("_prefetched_objects_cache", {})[relation] = rows


class Relatives(NamedTuple):
    """The records that stand in a relation to one, where `prefetch_related()` would put them."""

    relation: Any
    rows: Prepared

    def attach(self, record: Any, values: dict[str, Any]) -> None:
        field = self.relation
        if isinstance(field, ManyToOneRel):
            found = self.rows(**values, record=record.pk)
            for each in found:
                field.field.set_cached_value(each, record)
            attach(record, field.name, found)
        else:
            key = getattr(record, field.attname)
            found = self.rows(**values, record=key) if key is not None else []
            field.set_cached_value(record, found[0] if found else None)


def relatives(model: Any, lookup: str | Prefetch) -> Relatives:
    name = lookup if isinstance(lookup, str) else lookup.prefetch_through
    field: Any = model._meta.get_field(name)
    given = None if isinstance(lookup, str) else lookup.queryset
    rows: Any = field.related_model._base_manager.all() if given is None else given
    by = field.field.name if isinstance(field, ManyToOneRel) else "pk"
    record = Parameter("record", model._meta.pk)
    return Relatives(field, Prepared(lambda: rows.filter(**{by: record})))
