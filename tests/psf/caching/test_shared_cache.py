"""Limits in one cache server for all processes, by the protocol of Redis."""

import pytest
from django.core.cache import CacheHandler, caches
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from psf import environment
from psf.caching import shared as server
from psf.caching.shared import SharedCache
from psf.exports import responses
from tests.support.fake_redis import KEPT, start_fake_redis


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
        for alias in ["default", "downloads"]:
            caches[alias]._cache.get_client(write=True).connection_pool.disconnect()


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


def test_downloads_are_counted_for_all_processes(shared, monkeypatch):
    monkeypatch.setattr(responses, "time", lambda: 120.0)  # no minute ends meanwhile
    assert [responses.seconds_to_wait("192.0.2.1", 2) for _number in range(2)] == [0, 0]
    assert responses.seconds_to_wait("192.0.2.1", 2) > 0
    assert not any(b"192.0.2.1" in key for key in KEPT)


@pytest.mark.django_db
def test_attempts_are_counted_in_the_database_while_the_server_is_away(lost, caplog):
    assert lost.add("history", [1.5], 60) and not lost.add("history", [2.5], 60)
    assert caches["database"].get("history") == [1.5]
    assert caplog.text.count("The cache server does not answer") == 1


def test_downloads_are_counted_in_the_process_while_the_server_is_away(lost, monkeypatch):
    monkeypatch.setattr(responses, "time", lambda: 120.0)
    waits = [responses.seconds_to_wait("192.0.2.9", 2) for _number in range(3)]
    assert waits[:2] == [0, 0] and waits[2] > 0


def test_the_server_is_asked_again_after_ten_seconds(shared, monkeypatch):
    now = server.monotonic()
    SharedCache.away_until = now + 10
    caches["downloads"].set("count", 1, 60)
    assert not KEPT
    monkeypatch.setattr(server, "monotonic", lambda: now + 10)
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
    monkeypatch.setattr(environment, "find_spec", lambda name: None)
    with pytest.raises(ImproperlyConfigured, match="pip install redis"):
        environment.caches({"CACHE_URL": "redis://127.0.0.1"})
