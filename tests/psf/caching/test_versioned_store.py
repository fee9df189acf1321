"""The store of cached pages and of cached values."""

from datetime import UTC, datetime, timedelta

import pytest

from psf.caching import versioned_store
from psf.caching.versioned_store import VersionedStore

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Clock:
    """It stands still until a test moves it. Something is scheduled at each full hour."""

    def __init__(self):
        self.now, self.asked = NOON, 0

    def next_expiry(self, moment):
        self.asked += 1
        return moment.replace(minute=0) + HOUR


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr("django.utils.timezone.now", lambda: clock.now)
    monkeypatch.setattr(versioned_store, "next_expiry", clock.next_expiry)
    return clock


@pytest.fixture
def store(clock):
    return VersionedStore(10, len)


def put(store, value, version=1):
    store.put(value, value, store.current_period(version))


def test_a_value_is_found_in_its_period_only(store, clock):
    put(store, "ferry")
    assert [store.get("ferry", version) for version in [1, 2, None]] == ["ferry", None, None]
    clock.now += timedelta(minutes=59)
    assert store.get("ferry", 1) == "ferry"
    clock.now += timedelta(minutes=1)
    assert store.get("ferry", 1) is None


def test_a_new_version_and_a_scheduled_moment_empty_the_store(store, clock):
    put(store, "ferry")
    put(store, "port", version=2)
    assert (store.size, store.get("ferry", 1), store.get("port", 2)) == (4, None, "port")
    clock.now += HOUR
    store.current_period(2)
    assert store.size == 0


def test_the_next_moment_is_asked_for_once_a_period(store, clock):
    for value in ["ferry", "port"]:
        put(store, value)
    assert clock.asked == 1
    put(store, "ferry", version=2)
    assert clock.asked == 2


def test_a_clock_that_was_ahead_leaves_no_value(store, clock):
    clock.now += 2 * HOUR
    put(store, "ferry")
    clock.now = NOON
    assert store.get("ferry", 1) is None
    put(store, "port")
    assert (store.size, store.get("port", 1)) == (4, "port")


def test_a_value_of_an_earlier_period_is_not_stored(store):
    period = store.current_period(1)
    store.current_period(2)
    store.put("ferry", "ferry", period)
    store.current_period(1)
    store.put("ferry", "ferry", period)
    assert store.size == 0


def test_without_a_version_nothing_is_stored(store):
    put(store, "ferry", version=None)
    assert store.size == 0


def test_the_least_recently_used_value_is_dropped_first(store):
    for value in ["ferry", "port", "ferry"]:
        put(store, value)
        assert store.get("ferry", 1) == "ferry"
    put(store, "sea")
    assert [store.get(value, 1) for value in ["ferry", "port", "sea"]] == ["ferry", None, "sea"]
    assert store.size == 8


def test_a_value_above_the_limit_is_not_kept(store):
    put(store, "a long voyage")
    assert (store.size, store.get("a long voyage", 1)) == (0, None)
