"""Moves all rows of a SQLite file into a migrated PostgreSQL database."""

from pathlib import Path
from typing import Any

from django.apps.registry import Apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connections, transaction
from django.db.models import Field, Model

from psf.database import triggers
from psf.database.sql import chunked

SOURCE = "backup"
ROWS_AT_ONCE = 500
PLAN = ["the rows of another database"]  # as before and after migrations


def move_rows(path: Path, apps: Apps) -> None:
    """Replace all rows of the default database by the rows of the file, in one transaction.

    No trigger runs while rows are loaded, so the history is the history of the file. The triggers
    compute lists and search documents again afterwards.
    """
    settings = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(path), "OPTIONS": {}}
    connections.settings[SOURCE] = connections.settings["default"] | settings
    try:
        # The default database first: installers of triggers may read it.
        for name in ["default", SOURCE]:
            call_command("migrate", database=name, verbosity=0, interactive=False)
        with transaction.atomic(), connections["default"].cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")
            triggers.drop_all_triggers("default", PLAN)
            models = tables(apps)
            names = ", ".join(f'"{model._meta.db_table}"' for model in models)
            cursor.execute(f"TRUNCATE {names} CASCADE")
            for model in models:
                insert_rows(model, cursor)
            for statement in connections["default"].ops.sequence_reset_sql(no_style(), models):
                cursor.execute(statement)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            triggers.install_all_triggers("default", apps, PLAN)
    finally:
        connections[SOURCE].close()
        del connections[SOURCE], connections.settings[SOURCE]


def tables(apps: Apps) -> list[type[Model]]:
    """The models that own a table. Lists and search documents are computed."""
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    ]


def insert_rows(model: type[Model], cursor: Any) -> None:
    fields: list[Field[Any, Any]] = list(model._meta.concrete_fields)
    columns = ", ".join(f'"{field.column}"' for field in fields)
    row_of_marks = f"({', '.join(['%s'] * len(fields))})"
    names = [field.attname for field in fields]
    source = model._base_manager.using(SOURCE).order_by("pk").values_list(*names)
    for rows in chunked(source.iterator(chunk_size=ROWS_AT_ONCE), ROWS_AT_ONCE):
        marks = ", ".join([row_of_marks] * len(rows))
        sql = f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES {marks}'
        pairs = (pair for row in rows for pair in zip(fields, row, strict=True))
        values = [field.get_db_prep_save(value, connections["default"]) for field, value in pairs]
        cursor.execute(sql, values)
