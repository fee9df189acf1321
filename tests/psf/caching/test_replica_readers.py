"""Readers are served from a replica that has the data of the primary."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from unittest.mock import Mock

import psycopg2
import pytest
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import OperationalError, connection, connections
from django.test import RequestFactory

from projects.models import Project
from psf.caching.data_version import REPLICA_AWAY_SECONDS, versions
from psf.caching.page_cache import PageCache, ReplicaReaders, with_replica
from psf.caching.values import at_each_version
from psf.database.sql import use_database
from psf.environment import REPLICA
from tests.support.factories import make_public_project

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", REPLICA])

READER = {"PATH_INFO": "/projects/", "REQUEST_METHOD": "GET"}


@pytest.fixture(scope="module", autouse=True)
def replica_settings(django_db_setup):
    # Tests empty and restore the primary alone.
    config = {**connections.settings["default"], "TEST": {"MIRROR": "default"}}
    connections.settings[REPLICA] = config
    yield config
    del connections[REPLICA], connections.settings[REPLICA]


@pytest.fixture
def project():
    return make_public_project(title="Clean sea")


@pytest.fixture
def replica(replica_settings, project, tmp_path):
    """A copy of the database as the replica, with triggers of its own. Returns its connection."""
    versions.close()  # another test may have read the version by another clock
    replica_settings["NAME"] = copy_database(tmp_path)
    del connections[REPLICA]
    yield connections[REPLICA]
    use_database("default")
    versions.close()
    connections[REPLICA].close()


def copy_database(folder):
    name = str(folder / "replica.sqlite3")
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [name])
        return name
    name, primary = "psf_replica", connection.settings_dict["NAME"]
    connection.close()
    server = psycopg2.connect(**connection.get_connection_params() | {"dbname": "postgres"})
    server.autocommit = True
    with server.cursor() as cursor:
        # Threads can outlive their tests.
        cursor.execute(
            "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = %s",
            [primary],
        )
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE {primary}")
    server.close()
    return name


class Inner:
    """An application behind `ReplicaReaders` that notes which database each request asks."""

    def __init__(self, status="200 OK"):
        self.asked, self.closed, self.status = [], 0, status

    def __call__(self, environ, start_response):
        self.asked.append(connection.alias)
        start_response("200 OK" if connection.alias == "default" else self.status, [("X", "1")])
        return self

    def __iter__(self):
        return iter([b"page"])

    def close(self):
        self.closed += 1


def ask(application, environ=READER):
    answers = []
    body = application(environ, lambda *answer: answers.append(answer))
    assert len(answers) == 1
    return answers[0][0], b"".join(body)


def database_of(environ):
    inner = Inner()
    assert ask(ReplicaReaders(inner), environ) == ("200 OK", b"page")
    [database] = inner.asked
    return database


def cut_off(reader, monkeypatch):
    """Let the database of the reader fail to answer."""
    reader.close()
    monkeypatch.setattr(reader, "_select", Mock(side_effect=OperationalError))


@pytest.mark.parametrize(
    ("request_", "database"),
    [
        ({}, REPLICA),
        ({"REQUEST_METHOD": "HEAD"}, REPLICA),
        ({"HTTP_COOKIE": "theme=dark"}, REPLICA),
        ({"HTTP_COOKIE": f"{settings.SESSION_COOKIE_NAME}=abc"}, "default"),
        ({"HTTP_COOKIE": f"{settings.CSRF_COOKIE_NAME}=abc"}, "default"),
        ({"PATH_INFO": "/admin/login/"}, "default"),
        ({"REQUEST_METHOD": "POST"}, "default"),
        ({"PATH_INFO": "/readyz"}, "default"),
    ],
)
def test_readers_ask_the_replica_and_staff_the_primary(replica, request_, database):
    assert database_of(READER | request_) == database


def test_without_a_setting_nothing_stands_before_the_pages(monkeypatch):
    inner = Inner()
    assert with_replica(inner).application is inner
    monkeypatch.delitem(connections.settings, REPLICA)
    assert with_replica(inner) is inner


def test_a_thread_returns_to_the_primary(replica):
    staff = READER | {"PATH_INFO": "/admin/"}
    assert [database_of(environ) for environ in [READER, staff, READER]] == [
        REPLICA,
        "default",
        REPLICA,
    ]


def test_a_replica_that_is_behind_is_not_asked(replica, project):
    Project.objects.update(title="Cleaner sea")
    assert database_of(READER) == "default"

    [row] = read("SELECT value FROM psf_dataversion")
    with replica.cursor() as cursor:  # the replica catches up
        cursor.execute("UPDATE psf_dataversion SET value = %s", row)
    assert database_of(READER) == REPLICA


def read(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def test_without_the_replica_readers_ask_the_primary(replica, monkeypatch):
    cut_off(versions.replica, monkeypatch)
    assert database_of(READER) == "default"


def test_the_version_of_the_primary_is_read_from_the_primary(replica):
    assert database_of(READER) == REPLICA
    assert connection.alias == REPLICA  # in this thread, until the next request
    versions.close()
    with closing(connections.create_connection("default")) as primary, primary.cursor() as cursor:
        cursor.execute("UPDATE projects_project SET title = 'Other'")

    assert database_of(READER) == "default"


def test_without_the_primary_readers_ask_the_replica(replica, monkeypatch):
    cut_off(versions.primary, monkeypatch)
    assert database_of(READER) == REPLICA


def test_a_replica_that_is_away_is_asked_again_later(replica, monkeypatch):
    now = [1000.0]
    monkeypatch.setattr("psf.caching.data_version.monotonic", lambda: now[0])
    with monkeypatch.context() as patch:
        cut_off(versions.replica, patch)
        assert database_of(READER) == "default"
    now[0] += REPLICA_AWAY_SECONDS - 1
    assert database_of(READER) == "default"
    now[0] += 1
    assert database_of(READER) == REPLICA


def test_a_request_that_the_replica_cannot_answer_is_repeated(replica):
    inner = Inner("503 Service Unavailable")
    assert ask(ReplicaReaders(inner)) == ("200 OK", b"page")
    assert inner.asked == [REPLICA, "default"]
    assert inner.closed == 1


def test_pages_are_made_of_the_records_of_the_replica(replica):
    with replica.cursor() as cursor:
        cursor.execute("SELECT value FROM psf_dataversion")
        [version] = cursor.fetchall()
        cursor.execute("UPDATE projects_project SET title = 'Salty sea'")
        cursor.execute("UPDATE psf_dataversion SET value = %s", version)
    django = get_wsgi_application()
    for size in [0, 10_000_000]:
        with ThreadPoolExecutor(1) as pool:
            application = ReplicaReaders(PageCache(django, size, pool))
            page = answer_to(application, "/projects/")
            assert "Salty sea" in page
            assert "Clean sea" not in page
            pool.submit(lambda: connections[REPLICA].close()).result()


def answer_to(application, address):
    environ = RequestFactory().get(address, headers={"host": "localhost"}).environ
    _status, body = ask(application, environ)
    return body.decode()


def test_values_in_memory_belong_to_one_database(replica):
    made = at_each_version(lambda: (connection.alias, object()))
    first = made()
    assert first[0] == "default"
    use_database(REPLICA)
    assert made()[0] == REPLICA
    use_database("default")
    assert made() == first
