"""The version of a record: a number that every change of it raises, so that none is lost unseen."""

from collections.abc import Iterable
from typing import Any, TypeVar

from django.db import connection, models
from django.db.models import F
from django.forms.models import model_to_dict
from django.utils.crypto import salted_hmac

Row = TypeVar("Row", bound=models.Model)

PATIENCE = 10  # seconds
# For the rest of a transaction that writes. A wait counts as time of its statement too.
BE_PATIENT = f"""
SELECT set_config('lock_timeout', '{PATIENCE}s', true), set_config('statement_timeout', CASE
    WHEN current_setting('statement_timeout') = '0' THEN '0'
    ELSE extract(epoch FROM current_setting('statement_timeout')::interval)::int + {PATIENCE} || 's'
END, true)
WHERE current_setting('lock_timeout') <> '{PATIENCE}s'
"""


class VersionField(models.PositiveIntegerField):
    """How often the record, or what is edited with it, was changed since it was made.

    Compared and raised while the row is locked.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs | {"default": 0, "editable": False})

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        for fixed in ("editable", "default"):
            kwargs.pop(fixed)
        return name, path, list(args), kwargs


def lock(rows: models.QuerySet[Row]) -> list[Row]:
    """The rows as they are now, which nobody else changes before this transaction ends.

    In one order for everybody, so that no two wait for each other. Whoever comes meanwhile waits,
    as long as ten people take who save one record one after the other on a busy server.
    """
    if connection.vendor == "postgresql":  # SQLite waits for its one writer anyway
        with connection.cursor() as cursor:
            cursor.execute(BE_PATIENT)
    return list(rows.select_for_update().order_by("pk"))


def bump_version(model: type[models.Model], keys: Iterable[Any]) -> None:
    model._base_manager.filter(pk__in=list(keys)).update(version=F("version") + 1)


def fingerprint(record: models.Model, fields: list[str]) -> str:
    """What stands for the version of a record without one: it differs when those fields do."""
    values = model_to_dict(record, fields)
    for name, value in values.items():
        if isinstance(value, list):
            values[name] = sorted(row.pk for row in value)
    return salted_hmac("psf.database.record_version", repr(values)).hexdigest()[:16]
