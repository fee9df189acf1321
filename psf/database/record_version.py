"""The version of a record: a number that every change increases, so that no change is lost."""

from collections.abc import Iterable
from typing import Any, TypeVar

from django.db import connection, models
from django.db.models import F
from django.forms.models import model_to_dict
from django.utils.crypto import salted_hmac

from psf.database.sql import DIALECTS, for_database

Row = TypeVar("Row", bound=models.Model)


class VersionField(models.PositiveIntegerField):  # type: ignore[type-arg]
    """The number of changes of the record and of the rows that are edited with it.

    Compare and increase the version only while the row is locked.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs | {"default": 0, "editable": False})

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        for fixed in ("editable", "default"):
            kwargs.pop(fixed)
        return name, path, list(args), kwargs


def lock(rows: models.QuerySet[Row]) -> list[Row]:
    """Lock the rows until the transaction ends, and return their current values.

    All transactions lock rows in the same order, so no deadlock arises. The lock does not cover
    rows of joined tables, nor references to the rows: a foreign key never waits for a save. Another
    transaction waits up to ten seconds, enough for ten people who save one record at the same
    time.
    """
    return list(_for_update(rows).order_by("pk"))


def lock_record(record: Row) -> Row:
    """Lock the row of a record as `lock()` does, and load its current values into the record."""
    record.refresh_from_db(from_queryset=_for_update(type(record)._default_manager.all()))
    return record


def _for_update(rows: models.QuerySet[Row]) -> models.QuerySet[Row]:
    for statement in for_database(DIALECTS).extend_timeouts:
        with connection.cursor() as cursor:
            cursor.execute(statement)
    return rows.select_for_update(of=("self",), no_key=True)


def bump_version(model: type[models.Model], keys: Iterable[object]) -> None:
    model._base_manager.filter(pk__in=list(keys)).update(version=F("version") + 1)


def fingerprint(record: models.Model, fields: list[str]) -> str:
    """A substitute for the version of a model without one. It changes with these fields."""
    values = model_to_dict(record, fields)
    for name, value in values.items():
        if isinstance(value, list):
            values[name] = sorted(row.pk for row in value)
    return salted_hmac("psf.database.record_version", repr(values)).hexdigest()[:16]
