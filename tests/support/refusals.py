"""Assertions that the database refuses or accepts a row, and that an action refuses."""

from contextlib import contextmanager

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, connection, models, transaction

RECORDS = [
    model
    for app in ["partners", "projects"]
    for model in apps.get_app_config(app).get_models()
    if model._meta.managed and not model._meta.proxy
]
CONSTRAINTS = {
    constraint.name: (model, constraint)
    for model in RECORDS
    for constraint in model._meta.constraints
}


def answer_to(name):
    """How the database names the constraint: SQLite names the columns of a unique one."""
    model, constraint = CONSTRAINTS[name]
    if connection.vendor == "sqlite" and isinstance(constraint, models.UniqueConstraint):
        if constraint.expressions:
            return rf"^UNIQUE constraint failed: index '{name}'$"
        fields = [model._meta.get_field(field).column for field in constraint.fields]
        columns = ", ".join(f"{model._meta.db_table}.{column}" for column in fields)
        return rf"^UNIQUE constraint failed: {columns}$"
    return rf"\b{name}\b"


@contextmanager
def refused(name):
    """The block breaks that constraint of the database; what was there stays.

    PostgreSQL answers a text longer than its column before it asks any constraint.
    """
    too_long = "value too long" if name.endswith("_is_not_too_long") else "^$"
    with (
        pytest.raises((IntegrityError, DataError), match=f"{answer_to(name)}|{too_long}"),
        transaction.atomic(),
    ):
        yield


def update(row, /, **fields):
    """Write to the database without forms and without `save()`."""
    type(row)._base_manager.filter(pk=row.pk).update(**fields)


def assert_refused(row, name, /, **fields):
    """The database refuses to give the row these fields, and a form says why in words."""
    with refused(name):
        update(row, **fields)
    for field, value in fields.items():
        setattr(row, field, value)
    with pytest.raises(ValidationError) as answer:
        row.full_clean()
    _model, constraint = CONSTRAINTS[name]
    assert str(constraint.violation_error_message) in answer.value.messages
    row.refresh_from_db()


def assert_allowed(row, /, **fields):
    """The database takes these fields, and so does a form."""
    update(row, **fields)
    row.refresh_from_db()
    row.full_clean()


def refusal(act, *args, **fields):
    """The sentences with which an action refuses."""
    with pytest.raises(ValidationError) as answer:
        act(*args, **fields)
    return " ".join(answer.value.messages).replace("\N{NO-BREAK SPACE}", " ")
