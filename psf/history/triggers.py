"""Triggers that write every change of a tracked table to the history.

Triggers also see changes by `update()`, `bulk_create()` and `psql`, which Python code would miss.
`psf.database.triggers` drops all triggers before migrations and creates them again afterwards.
"""

from typing import Protocol

from django.apps.registry import Apps
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Model

from psf.history import postgresql, sqlite
from psf.history.tracking import tracked_models


class TriggerSql(Protocol):
    """The SQL of one database."""

    SETUP: list[str]  # statements that run before the triggers are created
    EVENTS: list[str]  # each tracked table has a trigger for each event
    ENTER: str  # assigns the changes of the transaction to a change set
    LEAVE: str

    def create_trigger(self, model: type[Model], name: str, event: str) -> str: ...


BY_VENDOR: dict[str, TriggerSql] = {"sqlite": sqlite, "postgresql": postgresql}


def history_trigger_name(model: type[Model], event: str) -> str:
    return f"{model._meta.db_table}_{event.lower()}_is_kept"


def install_history_triggers(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Create the triggers of all tracked tables for the current columns."""
    if "history" not in apps.app_configs:  # the tables of the history do not exist yet
        return
    sql = BY_VENDOR[schema_editor.connection.vendor]
    for statement in sql.SETUP:
        schema_editor.execute(statement, params=None)
    for model in tracked_models(apps):
        for event in sql.EVENTS:
            name = history_trigger_name(model, event)
            schema_editor.execute(sql.create_trigger(model, name, event), params=None)
