import faulthandler
import gc
import os
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from django.conf import settings as site_settings
from django.contrib.auth.models import Group
from django.core.management.color import no_style
from django.db import connection
from django.test import Client, TransactionTestCase
from hypothesis import settings

from psf.accounts.roles import create_roles
from psf.caching import data_version
from psf.history.triggers import SHARED
from psf.operations import readiness
from psf.search.index import INDEXES
from tests.support.accounts import client_of

# No deadline: a busy machine is no failure. Each run tries other examples, except in CI.
settings.register_profile("psf", deadline=None, max_examples=25, derandomize="CI" in os.environ)
settings.load_profile("psf")

# A busy machine takes seconds between two writes of a test, which are one set on PostgreSQL too.
SHARED.update({name: sql.replace("'-1 seconds'", "'-1 hours'") for name, sql in SHARED.items()})

# A test sees each change at once; tests of the data version set the real age themselves.
data_version.MAX_AGE_SECONDS = 0

# The checks begin a transaction, which a test has already; test_readiness.py runs them.
CHECKS, readiness.CHECKS = readiness.CHECKS, {}

# Imports and tests leave almost nothing in cycles.
gc.set_threshold(40_000)


def run_on_large_stack(test: Callable[[], None]) -> None:
    test()


# Python takes its stack in pieces of 16 kB and gives back each piece that is empty. Calls that go
# back and forth over the end of a piece cost a fifth of a test. Here the first piece is large.
run_on_large_stack.__code__ = run_on_large_stack.__code__.replace(co_stacksize=2**17)


def pytest_itemcollected(item: pytest.Item) -> None:
    item.runtest = partial(run_on_large_stack, item.runtest)


def pytest_unconfigure() -> None:
    """End a process that waits for threads of failed tests. Only tests have a limit otherwise."""
    faulthandler.dump_traceback_later(120, exit=True)


@pytest.fixture(scope="session", autouse=True)
def media_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Uploaded files go to a folder of this process."""
    site_settings.MEDIA_ROOT = tmp_path_factory.mktemp("media")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """SQLite has a file, as on a server, and each thread a connection of its own.

    Threads of a live server would share the connection of a database in memory. Two of them can
    wait for each other without end: one for the connection, the other for the interpreter.
    """
    if connection.vendor == "sqlite":
        file = tmp_path_factory.mktemp("database") / "test.sqlite3"
        connection.settings_dict["TEST"]["NAME"] = str(file)
        # What tests write need not outlive a power cut.
        connection.settings_dict["OPTIONS"]["init_command"] += "; PRAGMA synchronous=OFF"


END_OTHER_SESSIONS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """End the sessions of threads that outlive their tests: PostgreSQL keeps a used database."""
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(END_OTHER_SESSIONS)


# Tables whose rows every test needs.
PERMANENT_TABLES = [
    "django_migrations",
    "django_content_type",
    "auth_permission",
    "auth_group",
    "auth_group_permissions",
]

# Triggers and foreign keys are off.
DELETE_ALL = f"""
DO $$
DECLARE
    table_name text;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR table_name IN SELECT tablename FROM pg_tables
        WHERE schemaname = current_schema()
        AND tablename NOT IN ({", ".join(map(repr, PERMANENT_TABLES))})
    LOOP
        EXECUTE format('DELETE FROM %I', table_name);
    END LOOP;
END $$
"""


def delete_rows(case: TransactionTestCase) -> None:
    """Empty the tables after a test that committed. TRUNCATE takes PostgreSQL a second."""
    data_version.versions.close()
    if connection.vendor == "sqlite":
        tables = connection.introspection.django_table_names(
            only_existing=True, include_views=False
        )
        statements = connection.ops.sql_flush(no_style(), sorted({*tables} - {*PERMANENT_TABLES}))
        # No model owns the tables of search documents.
        documents = [f"{index.table}{suffix}" for index in INDEXES for suffix in ["", "_digests"]]
        statements += [f"DELETE FROM {name}" for name in documents]
        for _round in range(2):  # triggers of the first round mark documents as stale
            connection.ops.execute_sql_flush(statements)
    else:
        with connection.cursor() as cursor:
            cursor.execute(DELETE_ALL)
    if not Group.objects.exists():  # the test emptied all tables itself
        create_roles()


TransactionTestCase._fixture_teardown = delete_rows


@pytest.fixture
def publisher() -> Client:
    """A client with a signed-in publisher."""
    return client_of("Publisher")


@pytest.fixture
def editor() -> Client:
    """A client with a signed-in editor."""
    return client_of("Editor")
