"""Database triggers that follow every change, including changes by SQL.

All triggers are dropped before migrations and created after migrations. SQLite cannot rebuild a
table that a trigger of another table names, and loses the triggers of a rebuilt table. Migrations
therefore need not know the triggers. An installer may also write derived data again.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django.apps.registry import Apps
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader

from psf.database.sql import DIALECTS, for_database

# A function that installs triggers, from the models after the migrations and a schema editor.
Installer = Callable[[Any, Any], None]
INSTALLERS: list[Installer] = []


def register(install: Installer) -> None:
    """Have `install` called after migrations, in the order of registration."""
    INSTALLERS.append(install)


def existing_triggers(connection: BaseDatabaseWrapper) -> list[tuple[str, str]]:
    """The name and the table of each trigger in the database."""
    with connection.cursor() as cursor:
        cursor.execute(for_database(DIALECTS, connection).existing_triggers)
        triggers: list[tuple[str, str]] = cursor.fetchall()
    return triggers


def drop_all_triggers(using: str, plan: Sequence[object] = (), **kwargs: Any) -> None:
    """Drop all triggers and the data version before migrations. Nothing is cached during them."""
    connection = connections[using]
    if not plan or not (triggers := existing_triggers(connection)):
        return
    tables = connection.introspection.table_names()
    with connection.schema_editor() as editor:
        for name, table in triggers:
            drop = for_database(DIALECTS, connection).drop_trigger.format(name=name, table=table)
            editor.execute(drop, params=None)
        if "psf_dataversion" in tables:  # the first migration does not know it
            editor.execute("DELETE FROM psf_dataversion", params=None)


def install_all_triggers(
    using: str, apps: Apps | None = None, plan: Sequence[object] = (), **kwargs: Any
) -> None:
    """Create all triggers after migrations. A flush has no plan and keeps the triggers."""
    if plan:
        with connections[using].schema_editor() as editor:
            for install in INSTALLERS:
                install(apps, editor)


def replace_lost_triggers() -> None:
    """Create the triggers if migrations failed or were killed before they created them."""
    connection = connections["default"]
    if not existing_triggers(connection):
        loader: Any = MigrationLoader(connection)
        state = loader.project_state([*loader.graph.nodes.keys() & loader.applied_migrations])
        install_all_triggers("default", state.apps, plan=["the migrations that ended early"])
