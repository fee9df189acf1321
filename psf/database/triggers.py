"""Triggers by which the database itself keeps what must follow every change, whoever makes it.

They are made after migrations, from the models as they are then, and taken away before: SQLite
builds no table anew that a trigger of another one names, and loses the triggers of one that it
does build. So migrations need not know of them; what they changed, a keeper works out anew.
"""

from collections.abc import Callable
from typing import Any

from django.db import connections

# A function that installs triggers, from the models after the migrations and a schema editor.
Installer = Callable[[Any, Any], None]
INSTALLERS: list[Installer] = []

# Every trigger in the database is one of ours.
TRIGGERS = {
    "sqlite": "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": """
        SELECT tgname, relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
        WHERE NOT tgisinternal AND relnamespace = current_schema()::regnamespace
    """,
}
DROP = {
    "sqlite": 'DROP TRIGGER "{name}"',
    "postgresql": 'DROP TRIGGER "{name}" ON "{table}"',
}


def register(install: Installer) -> None:
    """Have `install` called after migrations, in the order of registration."""
    INSTALLERS.append(install)


def triggers_there(connection: Any) -> list[tuple[str, str]]:
    """The triggers in the database, each with its table."""
    with connection.cursor() as cursor:
        cursor.execute(TRIGGERS[connection.vendor])
        return cursor.fetchall()


def take_away(using: str, plan: Any = (), **kwargs: Any) -> None:
    """Drop all triggers before migrations; until they are made again no page is remembered."""
    connection = connections[using]
    if not plan or not (found := triggers_there(connection)):
        return
    tables = connection.introspection.table_names()
    with connection.schema_editor() as editor:
        for name, table in found:
            editor.execute(DROP[connection.vendor].format(name=name, table=table), params=None)
        if "psf_dataversion" in tables:  # the first migration does not know it
            editor.execute("DELETE FROM psf_dataversion", params=None)


def make(using: str, apps: Any = None, plan: Any = (), **kwargs: Any) -> None:
    """Make all triggers after migrations; after a flush, which has no plan, they are there."""
    if plan:
        with connections[using].schema_editor() as editor:
            for install in INSTALLERS:
                install(apps, editor)
