from collections import namedtuple

import pytest
from django.db import OperationalError, connection, connections

from psf.operations import readiness
from tests.conftest import CHECKS

pytestmark = pytest.mark.django_db(transaction=True)

READ_ONLY = {
    "sqlite": ("PRAGMA query_only = ON", "PRAGMA query_only = OFF"),
    "postgresql": (
        "SET default_transaction_read_only = on",
        "SET default_transaction_read_only = off",
    ),
}


def fail(*args, **kwargs):
    raise OperationalError("away")


def test_a_prepared_site_is_ready(monkeypatch):
    monkeypatch.setattr(readiness, "CHECKS", CHECKS)
    readiness._problems.cache_clear()
    assert readiness.problems() == {"database": "", "migrations": "", "disk": ""}


def test_a_frozen_database_stops_one_request_only(monkeypatch):
    monkeypatch.setattr(readiness, "CHECKS", CHECKS)
    monkeypatch.setattr(readiness, "SECONDS", 0)
    with readiness._checking:
        assert {*readiness.problems().values()} == {"no answer within 0 seconds"}


def test_a_read_only_database_is_a_problem():
    start, end = READ_ONLY[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(start)
        try:
            assert "read-only" in readiness.database_problem()
        finally:
            cursor.execute(end)
    assert readiness.database_problem() == ""


def test_a_database_that_is_away_is_a_problem(monkeypatch):
    monkeypatch.setattr(type(connections["default"]), "cursor", fail)
    assert "does not answer" in readiness.database_problem()
    assert "does not answer" in readiness.migration_problem()


def test_a_missing_migration_is_a_problem(monkeypatch):
    known = {*readiness.known_migrations(), ("psf", "9999_future")}
    monkeypatch.setattr(readiness, "known_migrations", lambda: known)
    assert readiness.migration_problem() == "1 migrations are missing: run manage.py prepare"


def test_a_full_or_closed_disk_is_a_problem(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path / "media" / "later"
    monkeypatch.setitem(settings.DATABASES["default"], "NAME", tmp_path / "db.sqlite3")
    assert readiness.disk_problem() == ""
    usage = namedtuple("usage", "free")(1000)
    with monkeypatch.context() as patch:
        patch.setattr(readiness.shutil, "disk_usage", lambda path: usage)
        assert readiness.disk_problem() == "the disk is almost full"
    monkeypatch.setattr(readiness.os, "access", lambda path, mode: False)
    assert readiness.disk_problem() == "the folder of MEDIA_ROOT cannot be written"
    assert not readiness.can_write(tmp_path / "nosuch")


def test_checks_run_at_most_every_few_seconds(monkeypatch):
    calls = []
    monkeypatch.setattr(readiness, "CHECKS", {"database": lambda: calls.append(1) or ""})
    for moment, number in [(1000, 1), (1001.9, 1), (1002, 2)]:
        monkeypatch.setattr(readiness, "monotonic", lambda moment=moment: moment)
        assert readiness.problems() == {"database": ""}
        assert len(calls) == number
