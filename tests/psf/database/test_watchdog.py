from threading import Thread
from time import sleep
from types import SimpleNamespace
from unittest import mock

import pytest
from django.db import OperationalError, connection, connections

from psf.database import watchdog
from psf.database.watchdog import Watchdog


def test_a_connection_of_sqlite_is_not_watched():
    watching = Watchdog()
    watching.add(None, SimpleNamespace(vendor="sqlite"))
    assert not watching._connections


def test_the_watchdog_checks_every_second_in_each_process(monkeypatch):
    class Connection:
        vendor, connection = "postgresql", None

    class Stop(Exception):
        pass

    def start(**arguments):
        threads.append(arguments["target"])
        return SimpleNamespace(start=bool)

    threads, connections_ = [], [Connection(), Connection()]
    watching = Watchdog()
    monkeypatch.setattr(watchdog, "Thread", start)
    for one in connections_:
        watching.add(None, one)
    assert len(threads) == 1
    seconds = mock.Mock(side_effect=[None, Stop])
    monkeypatch.setattr(watchdog, "sleep", seconds)
    with pytest.raises(Stop):
        threads[0]()
    assert seconds.call_args_list == [mock.call(1)] * 2


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no server")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("silent", "outcome"), [("default", OperationalError), ("replica", None)])
def test_a_query_without_an_answer_ends_if_its_server_answers_nobody(silent, outcome, monkeypatch):
    def query():
        own = connections["default"].copy()
        own.inc_thread_sharing()
        try:
            with own.cursor() as cursor:
                watching.add(None, own)
                cursor.execute("SELECT pg_sleep(2)")
            results.append(None)
        except OperationalError as error:
            results.append(type(error))
        finally:
            own.close()

    results = []
    monkeypatch.setattr(watchdog, "SECONDS", 0)
    monkeypatch.setattr(watchdog, "Thread", lambda **kwargs: SimpleNamespace(start=bool))
    watching = Watchdog(lambda alias: alias != silent)
    thread = Thread(target=query)
    thread.start()
    sleep(1)
    watching.check()
    thread.join()
    assert results == [outcome]


@pytest.mark.django_db(transaction=True)
def test_the_server_is_asked_over_a_new_connection(monkeypatch):
    def fail(self):
        raise OperationalError("timeout expired")

    assert watchdog.server_answers("default")
    monkeypatch.setattr(type(connections["default"]), "connect", fail)
    assert not watchdog.server_answers("default")
