"""A value kept for a data version equals the value that would be made now."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier, Event
from unittest import mock

import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.utils import timezone

from projects.models import Project
from psf.caching import values
from psf.caching.values import VersionedStore, at_each_version
from tests.support.factories import make_public_project


@pytest.fixture
def kept():
    """The value of a name, made by a function if it is not kept."""
    makers = {}
    made = at_each_version(lambda name: makers[name]())

    def value(name, make):
        makers[name] = make
        return made(name)

    return value


def number():
    return Project.objects.public().count()


@pytest.mark.django_db(transaction=True)
def test_a_value_is_computed_once_until_the_data_change(kept):
    make_public_project()
    assert kept("number", number) == 1
    assert kept("number", lambda: pytest.fail("It was counted again.")) == 1

    Project.objects.update(title="Other")
    make_public_project()

    assert kept("number", number) == 2


@pytest.mark.django_db(transaction=True)
def test_a_publication_moment_renews_the_value(kept):
    make_public_project()
    coming = make_public_project(published_at=timezone.now() + timedelta(hours=1))
    assert kept("number", number) == 1
    with mock.patch.object(timezone, "now", return_value=coming.published_at):
        assert kept("number", number) == 2


@pytest.mark.django_db(transaction=True)
def test_in_a_transaction_nothing_is_remembered(kept):
    make_public_project()
    with transaction.atomic():
        make_public_project()
        assert kept("number", number) == 2
        transaction.set_rollback(True)
    assert kept("number", number) == 1


@pytest.mark.django_db(transaction=True)
def test_without_a_version_nothing_is_remembered(kept):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM psf_dataversion")
    assert kept("number", number) == 0
    assert kept("number", lambda: 7) == 7


@pytest.mark.django_db(transaction=True)
def test_a_value_from_older_data_is_not_stored(kept):
    make_public_project()

    def counted_while_something_changes():
        found = number()
        make_public_project()
        kept("other", number)
        return found

    assert kept("number", counted_while_something_changes) == 1
    assert kept("number", number) == 2


@pytest.mark.django_db(transaction=True)
def test_without_a_known_expiry_nothing_is_stored(kept):
    make_public_project()
    with mock.patch.object(values, "next_expiry", side_effect=DatabaseError):
        assert kept("number", lambda: 1) == 1
    assert kept("number", lambda: 2) == 2


@pytest.mark.django_db(transaction=True)
def test_a_function_works_once_for_each_of_its_arguments():
    make_public_project()
    asked = []

    @at_each_version
    def times(number):
        asked.append(number)
        return number * Project.objects.public().count()

    assert [times(1), times(1), times(number=2), times(number=2)] == [1, 1, 2, 2]
    assert asked == [1, 2]
    make_public_project()
    assert times(1) == 2


@pytest.mark.django_db(transaction=True)
def test_many_readers_who_ask_at_once_wait_for_one_value():
    make_public_project()
    asked, barrier = [], Barrier(8)

    @at_each_version
    def slow():
        asked.append(Project.objects.public().count())
        Event().wait(0.05)  # the others ask in the meantime
        return asked

    def ask(_reader):
        barrier.wait()
        try:
            return slow()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as readers:
        found = [*readers.map(ask, range(8))]
    assert asked == [1]
    assert found == [asked] * 8


@pytest.mark.django_db(transaction=True)
def test_a_value_that_cannot_be_made_is_made_for_the_next_reader(kept):
    make_public_project()
    with pytest.raises(ZeroDivisionError):
        kept("number", lambda: 1 / 0)
    assert kept("number", number) == 1


# The store of pages and values


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
    monkeypatch.setattr(values, "next_expiry", clock.next_expiry)
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


def test_next_expiry_is_the_first_moment_of_any_schedule(monkeypatch):
    monkeypatch.setattr(values, "SCHEDULES", [])
    for hours in [3, 1, 2]:
        values.register(lambda now, hours=hours: now + timedelta(hours=hours))
    assert values.next_expiry(NOON) == NOON + HOUR
