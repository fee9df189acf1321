"""Limits in a server for all processes, spoken to in the protocol of Redis."""

import threading
from socketserver import StreamRequestHandler, ThreadingTCPServer

import pytest
from django.core.cache import CacheHandler, caches
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from psf.caching import cache_url, shared_cache
from psf.caching.shared_cache import SharedCache
from psf.exports import rate_limit

KEPT = {}


class FakeRedis(StreamRequestHandler):
    """The commands of the limits. Entries never expire."""

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


def use(settings, url):
    settings.CACHES = cache_url.caches({"CACHE_URL": url})
    SharedCache.away_until = 0.0


@pytest.fixture
def shared(settings, monkeypatch):
    """A cache server, whose address is the CACHE_URL."""
    KEPT.clear()
    monkeypatch.setattr(cache_url, "ANSWER_SECONDS", 60)  # a busy machine is no lost server
    with ThreadingTCPServer(("127.0.0.1", 0), FakeRedis) as server:
        server.daemon_threads, server.block_on_close = True, False
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        use(settings, f"redis://127.0.0.1:{server.server_address[1]}/0")
        yield caches["default"]
        for alias in ["default", "downloads"]:
            caches[alias]._cache.get_client(write=True).connection_pool.disconnect()
        server.shutdown()
        thread.join()


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


def test_downloads_are_counted_for_all_processes(shared):
    assert [rate_limit.seconds_to_wait("192.0.2.1", 2) for _number in range(2)] == [0, 0]
    assert rate_limit.seconds_to_wait("192.0.2.1", 2) > 0
    assert not any(b"192.0.2.1" in key for key in KEPT)


@pytest.mark.django_db
def test_attempts_are_counted_in_the_database_while_the_server_is_away(lost, caplog):
    assert lost.add("history", [1.5], 60) and not lost.add("history", [2.5], 60)
    assert caches["database"].get("history") == [1.5]
    assert caplog.text.count("The cache server does not answer") == 1


def test_downloads_are_counted_in_the_process_while_the_server_is_away(lost):
    waits = [rate_limit.seconds_to_wait("192.0.2.9", 2) for _number in range(3)]
    assert waits[:2] == [0, 0] and waits[2] > 0


def test_the_server_is_asked_again_after_ten_seconds(shared, monkeypatch):
    now = shared_cache.monotonic()
    SharedCache.away_until = now + 10
    caches["downloads"].set("count", 1, 60)
    assert not KEPT
    monkeypatch.setattr(shared_cache, "monotonic", lambda: now + 10)
    caches["downloads"].set("count", 1, 60)
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
    monkeypatch.setattr(cache_url, "find_spec", lambda name: None)
    with pytest.raises(ImproperlyConfigured, match="pip install redis"):
        cache_url.caches({"CACHE_URL": "redis://127.0.0.1"})
