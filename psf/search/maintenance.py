"""Tables, rebuilding, and updates at the end of requests."""

from collections.abc import Callable

from django.apps.registry import Apps
from django.db import DEFAULT_DB_ALIAS, connection, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse

from psf.database.sql import delete_keys
from psf.search.index import INDEXES, read_notes, try_update
from psf.search.models import SearchNote, SearchWord
from psf.search.storage import current_engine


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


@transaction.atomic
def rebuild_indexes() -> None:
    """Create all tables, documents and words again."""
    engine = current_engine()
    notes, _noted = read_notes()  # before the records: a later note is about a later change
    with connection.cursor() as cursor:
        for index in INDEXES:
            for sql in [*engine.drop_table(index.table), *engine.create_table(index.table)]:
                cursor.execute(sql)
    SearchWord.objects.all().delete()
    for index in INDEXES:
        index.rebuild()
    delete_keys(SearchNote, notes)


class UpdateIndexes:
    """Update stale documents after a form of staff, so that the search of a reader writes nothing.

    The transaction of the form has ended. A search updates the documents that SQL or a command
    left stale.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method == "POST" and response.status_code < 400:
            try_update()
        return response
