"""Triggers follow the migrations: none before their tables exist, all after the last migration."""

import pytest
from django.apps import apps
from django.apps.registry import Apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from psf.database import triggers
from psf.history.triggers import drop_functions
from psf.search.maintenance import create_search_functions

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("install", triggers.INSTALLERS, ids=lambda install: install.__name__)
def test_no_installer_writes_before_its_tables_exist(install):
    schema_editor = connection.schema_editor(collect_sql=True)
    install(Apps(), schema_editor)

    assert schema_editor.collected_sql == []


@pytest.mark.parametrize(
    "signal", [triggers.drop_all_triggers, triggers.install_all_triggers], ids=["before", "after"]
)
def test_a_flush_keeps_all_triggers(signal):
    existing = triggers.existing_triggers(connection)
    with CaptureQueriesContext(connection) as queries:
        signal(using="default", apps=apps, plan=[])

    assert len(queries) == 0
    assert triggers.existing_triggers(connection) == existing


@pytest.mark.parametrize(
    ("step", "statement"),
    [
        (drop_functions, "DROP FUNCTION IF EXISTS history_keep"),
        (create_search_functions, "CREATE OR REPLACE FUNCTION"),
    ],
    ids=["history", "search"],
)
def test_only_postgresql_has_functions(step, statement):
    schema_editor = connection.schema_editor(collect_sql=True)
    step(apps, schema_editor)
    collected = "".join(schema_editor.collected_sql)

    assert (statement in collected) == (connection.vendor == "postgresql")
    assert bool(collected) == (connection.vendor == "postgresql")
