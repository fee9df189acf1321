"""All indexes together: their tables and triggers, and making them anew."""

from collections.abc import Callable
from typing import Any

from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from psf.search import title_stems as titles
from psf.search.index import Index, engine
from psf.search.models import SearchNote, SearchWord
from psf.search.triggers import dropping, making

INDEXES: list[Index] = []


def register(index: Index) -> None:
    """Add an index to those that are installed, rebuilt and updated together."""
    INDEXES.append(index)


def make_tables(apps: Any, schema_editor: Any) -> None:
    """The tables of documents, which no model can describe. For migrations."""
    for index in INDEXES:
        for statement in [*engine().making(index.table), *titles.making(index.table)]:
            schema_editor.execute(statement, params=None)


def make_functions(apps: Any, schema_editor: Any) -> None:
    """What finds documents, where the database needs more than a query. For migrations."""
    for index in INDEXES:
        for statement in engine().functions(index.table):
            schema_editor.execute(statement, params=None)


def drop_tables(apps: Any, schema_editor: Any) -> None:
    for index in INDEXES:
        for statement in [*engine().dropping(index.table), *titles.dropping(index.table)]:
            schema_editor.execute(statement, params=None)


def follow_records(apps: Any, schema_editor: Any) -> None:
    """After migrations: the triggers, and documents of what the migrations left.

    Not half way through them, when the models here are not those of the tables.
    """
    executor = MigrationExecutor(schema_editor.connection)
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
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
        for kept in [engine(), titles]:
            _execute([*kept.dropping(index.table), *kept.making(index.table)])
    SearchWord.objects.all().delete()
    for index in INDEXES:
        index.rebuild()


def catch_up(progress: Callable[[int, int], None] = lambda done, total: None) -> None:
    """Bring every index up to date, in the transaction of whoever has just written much.

    `progress` is told how many records were made findable, of how many.
    """
    total, done = SearchNote.objects.values("kind", "record").distinct().count(), 0

    def say(records: int) -> None:
        nonlocal done
        done += records
        progress(done, total)

    for index in INDEXES:
        index.catch_up(say)
