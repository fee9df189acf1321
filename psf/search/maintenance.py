"""All indexes together: tables, triggers, rebuilding and updating."""

from collections.abc import Callable, Iterable

from django.apps.registry import Apps
from django.db import DEFAULT_DB_ALIAS, connection, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.executor import MigrationExecutor

from psf.search.engine import current_engine
from psf.search.index import Index
from psf.search.models import SearchNote, SearchWord

INDEXES: list[Index] = []


def register_index(index: Index) -> None:
    """Add an index to those that are installed, rebuilt and updated together."""
    INDEXES.append(index)


def create_search_tables(apps: Apps | None, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Create the tables of documents, which are no models. For migrations."""
    for index in INDEXES:
        for statement in current_engine().create_table(index.table):
            schema_editor.execute(statement, params=None)


def drop_search_tables(apps: Apps | None, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for index in INDEXES:
        for statement in current_engine().drop_table(index.table):
            schema_editor.execute(statement, params=None)


def rebuild_after_migrations(apps: Apps | None, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Rebuild all indexes if no migration is pending: the models then fit the tables.

    Only the default database is searched. Others, such as an opened backup, get no indexes.
    """
    if schema_editor.connection.alias != DEFAULT_DB_ALIAS:
        return
    executor = MigrationExecutor(schema_editor.connection)
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
        rebuild_indexes()


def _execute(statements: Iterable[str]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@transaction.atomic
def rebuild_indexes() -> None:
    """Create all triggers, tables, documents and words again."""
    engine = current_engine()
    for index in INDEXES:
        for watch in index.watches:
            _execute(engine.create_triggers(index.kind, watch))
        _execute([*engine.drop_table(index.table), *engine.create_table(index.table)])
    SearchWord.objects.all().delete()
    for index in INDEXES:
        index.rebuild()


def update_indexes(progress: Callable[[int, int], None] = lambda done, total: None) -> None:
    """Update every index. Code that writes many records calls this in the same transaction.

    `progress` is called with the number of updated records and of all stale records.
    """
    total, done = SearchNote.objects.values("kind", "record").distinct().count(), 0

    def add(records: int) -> None:
        nonlocal done
        done += records
        progress(done, total)

    for index in INDEXES:
        index.update(add)
