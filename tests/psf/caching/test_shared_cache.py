"""Limits in one cache server for all processes, by the protocol of Redis."""

import threading
from contextlib import contextmanager
from socketserver import StreamRequestHandler, ThreadingTCPServer

import pytest
from django.core.cache import CacheHandler, caches
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from psf import environment
from psf.caching import shared as server
from psf.caching.shared import SharedCache

KEPT = {}  # the value of each key


class FakeRedis(StreamRequestHandler):
    """The commands that the application uses. Entries never expire."""

    def handle(self):
        while first := self.rfile.readline():
            words = [self.word() for _number in range(int(first[1:]))]
            self.wfile.write(self.answer(words[0].decode().upper(), words[1:]))

    def word(self):
        size = int(self.rfile.readline()[1:])
        return self.rfile.read(size + 2)[:-2]

    def answer(self, command, words):
        if command == "HELLO":
            return b"%1\r\n+proto\r\n:3\r\n"
        if command == "SET":
            if b"NX" in words and words[0] in KEPT:
                return b"_\r\n"
            KEPT[words[0]] = words[1]
        elif command == "GET":
            value = KEPT.get(words[0])
            return b"_\r\n" if value is None else b"$%d\r\n%s\r\n" % (len(value), value)
        elif command == "DEL":
            return b":%d\r\n" % (KEPT.pop(words[0], None) is not None)
        elif command == "EXISTS":
            return b":%d\r\n" % (words[0] in KEPT)
        elif command == "INCRBY":
            KEPT[words[0]] = b"%d" % (int(KEPT[words[0]]) + int(words[1]))
            return b":%s\r\n" % KEPT[words[0]]
        return b"+OK\r\n"


@contextmanager
def start_fake_redis():
    """Start an empty server on loopback. Yields its CACHE_URL."""
    KEPT.clear()
    with ThreadingTCPServer(("127.0.0.1", 0), FakeRedis) as server:
        server.daemon_threads, server.block_on_close = True, False
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"redis://127.0.0.1:{server.server_address[1]}/0"
        server.shutdown()
        thread.join()


def use(settings, url):
    settings.CACHES = environment.caches({"CACHE_URL": url})
    SharedCache.away_until = 0.0


@pytest.fixture
def shared(settings, monkeypatch):
    """A cache server, whose address is the CACHE_URL."""
    monkeypatch.setattr(environment, "TIMEOUTS", {})  # a busy machine is no lost server
    with start_fake_redis() as url:
        use(settings, url)
        yield caches["default"]
        caches["default"]._cache.get_client(write=True).connection_pool.disconnect()


@pytest.fixture
def lost(settings):
    """A CACHE_URL at which nothing listens."""
    use(settings, "redis://127.0.0.1:1")
    yield caches["default"]
    SharedCache.away_until = 0.0


def test_values_are_kept_in_the_server_as_json(shared):
    assert shared.add("history", [1.5], 60) and not shared.add("history", [2.5], 60)
    shared.set("history", [1.5, 2.5], 60)
    assert shared.get("history") == [1.5, 2.5]
    assert [*KEPT.values()] == [b"[1.5,2.5]"]
    assert shared.delete("history") and shared.get("history") is None


@pytest.mark.django_db
def test_attempts_are_counted_in_the_database_while_the_server_is_away(lost, caplog):
    assert lost.add("history", [1.5], 60) and not lost.add("history", [2.5], 60)
    assert caches["database"].get("history") == [1.5]
    assert caplog.text.count("The cache server does not answer") == 1


@pytest.mark.django_db
def test_the_server_is_asked_again_after_ten_seconds(shared, monkeypatch):
    now = server.monotonic()
    SharedCache.away_until = now + 10
    shared.set("count", 1, 60)
    assert not KEPT
    monkeypatch.setattr(server, "monotonic", lambda: now + 10)
    shared.set("count", 1, 60)
    assert KEPT


@pytest.mark.django_db
def test_all_workers_refuse_a_code_that_was_used():
    """Each worker has an object of its own, with the same table."""
    workers = [CacheHandler()["default"] for _number in range(2)]
    assert [worker.add("code", "y", 90) for worker in workers] == [True, False]


@pytest.mark.django_db
def test_expired_entries_are_deleted():
    cache = caches["default"]
    for number in range(5):
        cache.set(f"old-{number}", 1, -60)
    cache.set("new", 1, 60)
    cache.set("newer", 1, 60)
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key FROM psf_cache ORDER BY cache_key")
        assert cursor.fetchall() == [(":1:new",), (":1:newer",)]


def test_a_missing_package_stops_the_start(monkeypatch):
    monkeypatch.setattr(environment, "find_spec", lambda name: None)
    with pytest.raises(ImproperlyConfigured, match="pip install redis"):
        environment.caches({"CACHE_URL": "redis://127.0.0.1"})
