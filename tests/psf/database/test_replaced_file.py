import shutil
import sqlite3
from contextlib import closing
from types import SimpleNamespace

import pytest
from django.db import connections
from django.db.backends.signals import connection_created

from psf.caching import data_version
from psf.database import replaced_file


@pytest.fixture
def connection(tmp_path):
    """A connection to a SQLite file of its own, of a process that serves the site."""
    path = tmp_path / "db.sqlite3"
    copy = connections["default"].__class__
    if connections["default"].vendor != "sqlite":
        pytest.skip("SQLite only")
    settings = {**connections["default"].settings_dict, "NAME": str(path), "OPTIONS": {}}
    connection = copy(settings)
    connection_created.connect(replaced_file.remember)
    connection.connect()
    yield connection
    connection.close()
    connection_created.disconnect(replaced_file.remember)


@pytest.mark.django_db
def test_a_replaced_file_is_opened_again(connection, tmp_path):
    path, other = tmp_path / "db.sqlite3", tmp_path / "other.sqlite3"
    with sqlite3.connect(other) as database:
        database.execute("CREATE TABLE restored (a)")
    database.close()
    replaced_file.reopen_replaced(connection)
    assert connection.connection is not None

    shutil.move(other, path)
    replaced_file.reopen_replaced(connection)
    assert connection.connection is None
    with connection.cursor() as cursor:
        assert cursor.execute("SELECT count(*) FROM restored").fetchone() == (0,)


@pytest.mark.django_db
def test_a_file_that_can_be_written_again_is_opened_again(connection, monkeypatch):
    replaced_file.reopen_replaced(connection)
    assert connection.connection is not None
    with monkeypatch.context() as patch:
        patch.setattr(replaced_file.os, "access", lambda name, mode: False)
        replaced_file.reopen_replaced(connection)
        assert connection.connection is not None  # pages can still be read
        connection.close()
        connection.connect()

    replaced_file.reopen_replaced(connection)
    assert connection.connection is None


def write_version(path, value):
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE psf_dataversion AS SELECT ? AS value", [value])


@pytest.mark.django_db
def test_the_data_version_is_read_from_the_new_file(connection, tmp_path, monkeypatch):
    path, other = tmp_path / "db.sqlite3", tmp_path / "other.sqlite3"
    write_version(path, 1)
    write_version(other, 2)
    monkeypatch.setattr(data_version, "connections", {"default": connection})
    reader = data_version.VersionReader()
    assert reader.read() == 1

    shutil.move(other, path)
    assert reader.read() == 2
    reader.close()


def test_other_databases_are_left_alone():
    elsewhere = SimpleNamespace(vendor="postgresql")
    replaced_file.remember(None, elsewhere)
    replaced_file.reopen_current(None)
    missing = SimpleNamespace(settings_dict={"NAME": "/nosuch/db"})
    assert replaced_file.database_file(missing) is None
