"""Triggers follow the migrations: none before their tables exist, all after the last migration."""

import pytest
from django.apps import apps
from django.apps.registry import Apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from psf.database import triggers

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
