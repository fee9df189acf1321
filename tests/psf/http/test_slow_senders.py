"""The real server beside senders who stop. `python -m tests.faults` adds new workers by HUP."""

import os
import sqlite3
from contextlib import closing

import pytest
from django.db import connection

from tests.faults.site import Site, statuses
from tests.faults.slow_senders import others_are_served, stopped_senders
from tests.support.factories import make_project


@pytest.mark.unmeasured
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="copies a file")
def test_stopped_forms_and_heads_are_not_felt_by_readers_and_staff(admin_client, tmp_path):
    project = make_project()
    with closing(sqlite3.connect(tmp_path / "db.sqlite3")) as copy:
        connection.connection.backup(copy)
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "PYTEST_XDIST_WORKER": "gw0",  # as a worker does, it takes the database named here
        "DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3",
    }
    session = admin_client.cookies["sessionid"].value
    site = Site(env, tmp_path / "log", session, [project.pk])
    with site.running(), site.readers(2) as found, stopped_senders(site):
        others_are_served(site, "slow")
    assert all(answer.status == 200 for answer in found), statuses(found)
