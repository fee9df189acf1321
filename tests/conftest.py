import os
from collections.abc import Generator
from typing import Any

import pytest
from coverage import Coverage
from django.conf import settings as site_settings
from django.contrib.auth.models import Group
from django.core.management.color import no_style
from django.db import connection
from django.test import TransactionTestCase
from hypothesis import settings

from psf.accounts.roles import make_roles
from psf.caching import data_version
from psf.caching.memo import cached_until_change
from psf.search.maintenance import INDEXES

# How long one example takes says how busy the machine is, not whether the rule holds. Each run
# tries others; but a change is not refused for what was drawn this time.
settings.register_profile("psf", deadline=None, max_examples=25, derandomize="CI" in os.environ)
settings.load_profile("psf")

# A test sees each change at once; tests of the data version set the real age themselves.
data_version.MAX_AGE_SECONDS = 0


@pytest.fixture(scope="session", autouse=True)
def folder_of_files(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Uploaded files lie where nobody else's do."""
    site_settings.MEDIA_ROOT = tmp_path_factory.mktemp("media")


# What every test needs again.
KEPT = [
    "django_migrations",
    "django_content_type",
    "auth_permission",
    "auth_group",
    "auth_group_permissions",
]

# Without triggers and references.
DELETE_ALL = f"""
DO $$
DECLARE
    found text;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR found IN SELECT tablename FROM pg_tables
        WHERE schemaname = current_schema() AND tablename NOT IN ({", ".join(map(repr, KEPT))})
    LOOP
        EXECUTE format('DELETE FROM %I', found);
    END LOOP;
END $$
"""


def delete_all(case: Any) -> None:
    """Empty the tables after a test that committed; truncating takes PostgreSQL a second."""
    cached_until_change.versions.close()
    if connection.vendor == "sqlite":
        tables = connection.introspection.django_table_names(
            only_existing=True, include_views=False
        )
        statements = connection.ops.sql_flush(no_style(), sorted({*tables} - {*KEPT}))
        # No model has the documents of what can be found.
        documents = [name for index in INDEXES for name in [index.table, f"{index.table}_titles"]]
        statements += [f"DELETE FROM {name}" for name in documents]
        for _round in range(2):  # its triggers note what the first one deletes
            connection.ops.execute_sql_flush(statements)
    else:
        with connection.cursor() as cursor:
            cursor.execute(DELETE_ALL)
    if not Group.objects.exists():  # the test itself emptied all tables
        make_roles()


TransactionTestCase._fixture_teardown = delete_all


# They go where other tests have been, only longer; the longest first.
LONG = ["tests/browser/test_whole_call.py", "tests/browser/"]
# They take every way that PostgreSQL has for itself. One that they leave out is missing in the
# report.
ON_POSTGRESQL = (
    "tests/psf/search/",
    "tests/projects/pages/test_related_projects.py",
    "tests/psf/database/test_sql.py",
    "tests/psf/database/test_bulk_insert.py",
    "tests/psf/database/test_record_version.py",
    "tests/psf/caching/test_data_version.py",
    "tests/psf/staff/test_optimistic_locking.py::TestAddressesAndWords",
)


def is_measured(item: pytest.Item) -> bool:
    """Measuring takes two fifths of the time of a test, and what is drawn may not come again."""
    if item.get_closest_marker("hypothesis"):
        return False
    if connection.vendor == "sqlite":
        return not item.nodeid.startswith(tuple(LONG))
    return item.nodeid.startswith(ON_POSTGRESQL)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    measuring = Coverage.current()
    if measuring is None or is_measured(item):
        return (yield)
    measuring.stop()
    try:
        return (yield)
    finally:
        measuring.start()


# Last, when it is known which are drawn.
@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On the second database only what asks a database is tried again."""
    if connection.vendor != "sqlite":
        asking = {item: asks_a_database(item) for item in items}
        config.hook.pytest_deselected(items=[item for item in items if not asking[item]])
        items[:] = [item for item in items if asking[item]]
    # What is done once in a process is done in a test that is measured.
    items.sort(key=place)


def place(item: pytest.Item) -> int:
    """A long test at the end would leave the other worker with nothing to do."""
    if is_measured(item):
        return 0
    return next((place for place, name in enumerate(LONG, 1) if item.nodeid.startswith(name)), 9)


def asks_a_database(item: Any) -> bool:
    cases = getattr(item, "cls", None)
    return bool(
        item.get_closest_marker("django_db")
        or {"db", "transactional_db"} & set(item.fixturenames)
        or (cases and issubclass(cases, TransactionTestCase))
    )
