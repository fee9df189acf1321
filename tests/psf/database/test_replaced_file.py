import shutil
import sqlite3
from types import SimpleNamespace

import pytest
from django.db import connections

from psf.database import replaced_file


@pytest.fixture
def connection(tmp_path):
    """A connection to a SQLite file of its own, announced as Django does."""
    path = tmp_path / "db.sqlite3"
    copy = connections["default"].__class__
    if connections["default"].vendor != "sqlite":
        pytest.skip("SQLite only")
    settings = {**connections["default"].settings_dict, "NAME": str(path), "OPTIONS": {}}
    connection = copy(settings)
    connection.connect()
    replaced_file.remember(None, connection)
    yield connection
    connection.close()


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


def test_other_databases_are_left_alone():
    elsewhere = SimpleNamespace(vendor="postgresql")
    replaced_file.remember(None, elsewhere)
    replaced_file.reopen_current(None)
    assert replaced_file.identity(SimpleNamespace(settings_dict={"NAME": "/nosuch/db"})) is None
