"""Limits in one cache server for all processes, by the protocol of Redis."""

import pytest
from django.core.cache import CacheHandler, caches
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from psf import environment
from psf.caching import shared as server
from psf.caching.shared import SharedCache
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
