"""Triggers that write every change of a tracked table to the history.

Triggers also see changes by `update()`, `bulk_create()` and `psql`, which Python code would miss.
`psf.database.triggers` drops all triggers before migrations and creates them again afterwards.
"""

from typing import Protocol

from django.apps.registry import Apps
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Model

from psf.history.postgresql import PostgresqlTriggers
from psf.history.sqlite import SqliteTriggers
from psf.history.tracking import tracked_models

EVENTS = ["INSERT", "UPDATE", "DELETE"]


class TriggerSql(Protocol):
    """The SQL of one database. `setup` are statements that run before the triggers are created."""

    setup: list[str]

    def create(self, model: type[Model], name: str, event: str) -> str: ...


BY_VENDOR: dict[str, TriggerSql] = {
    "sqlite": SqliteTriggers(),
    "postgresql": PostgresqlTriggers(),
}


def history_trigger_names(model: type[Model]) -> list[str]:
    return [f"{model._meta.db_table}_{event.lower()}_is_kept" for event in EVENTS]


def install_history_triggers(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Create the triggers of all tracked tables for the current columns."""
    if "history" not in apps.app_configs:  # the tables of the history do not exist yet
        return
    sql = BY_VENDOR[schema_editor.connection.vendor]
    for statement in sql.setup:
        schema_editor.execute(statement, params=None)
    for model in tracked_models(apps):
        for name, event in zip(history_trigger_names(model), EVENTS, strict=True):
            schema_editor.execute(sql.create(model, name, event), params=None)


def drop_functions(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Drop the functions of earlier versions. For migrations."""
    if schema_editor.connection.vendor == "postgresql":
        for name in ["history_keep", "history_different", "history_record_of"]:
            schema_editor.execute(f"DROP FUNCTION IF EXISTS {name}", params=None)
