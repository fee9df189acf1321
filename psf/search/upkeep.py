"""All indexes together: tables and triggers, making them anew, whether they are right."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Warning  # noqa: A004
from django.db import connection, transaction

from partners.search import PARTNERS
from projects.search import PROJECTS

from .index import engine
from .models import SearchNote, SearchWord
from .notes import dropping, making, trigger_names

INDEXES = [PARTNERS, PROJECTS]
TRIGGERS = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
}


def make_tables(apps: Any, schema_editor: Any) -> None:
    """The tables of documents, which no model can describe. For migrations."""
    for index in INDEXES:
        for statement in engine().making(index.table):
            schema_editor.execute(statement, params=None)


def drop_tables(apps: Any, schema_editor: Any) -> None:
    for index in INDEXES:
        for statement in engine().dropping(index.table):
            schema_editor.execute(statement, params=None)


def drop_triggers(plan: Any = (), **kwargs: Any) -> None:
    """Before migrations: SQLite builds no table anew that a trigger of another one names."""
    if plan:
        _execute([each for i in INDEXES for each in dropping(connection.vendor, i.kind, i.watches)])


def make_triggers(plan: Any = (), **kwargs: Any) -> None:
    """After migrations, with documents that are right: nothing noted what migrations changed."""
    if plan and _is_there():
        mend()


def _execute(statements: list[str]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@transaction.atomic
def mend() -> None:
    """Make the triggers, the tables and all documents anew, and the words that are known."""
    vendor = connection.vendor
    for index in INDEXES:
        _execute(dropping(vendor, index.kind, index.watches))
        _execute(making(vendor, index.kind, index.watches))
        _execute([*engine().dropping(index.table), *engine().making(index.table)])
    SearchWord.objects.all().delete()
    for index in INDEXES:
        index.rebuild()


def catch_up() -> None:
    """Bring every index up to date, in the transaction of whoever has just written much."""
    for index in INDEXES:
        index.catch_up()


def check_indexes(
    app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Whether searches find all that is there. Asks the database: `check --database default`.

    Warnings, because errors would stop the migration that mends it.
    """
    if "default" not in (databases or []) or not _is_there():
        return []
    found = [
        _warning("001", f"The search does not follow changes: trigger “{name}” is missing.")
        for name in _missing_triggers()
    ]
    return found + [
        _warning("002", f"No search finds {number} of the {index.kind}s.")
        for index in INDEXES
        if (number := index.without_document().count())
    ]


def _warning(number: str, text: str) -> CheckMessage:
    return Warning(text, hint="Run “manage.py rebuild_search”.", id=f"psf.W{number}")


def _is_there() -> bool:
    return SearchNote._meta.db_table in connection.introspection.table_names()


def _missing_triggers() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(TRIGGERS[connection.vendor])
        there = {name for (name,) in cursor.fetchall()}
    wanted = [name for index in INDEXES for name in trigger_names(index.kind, index.watches)]
    return [name for name in wanted if name not in there]
