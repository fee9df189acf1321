"""All processes read the data version together, if there is a cache server."""

import pytest
from django.db import OperationalError

from psf.caching import data_version, shared as server
from psf.caching.data_version import DataVersion, VersionReader, Versions
from psf.caching.shared import SharedVersion, cache_server
from tests.support.factories import make_country
from tests.support.fake_redis import KEPT, LIFETIMES, start_fake_redis

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def clock(monkeypatch):
    """The clock of all processes: it stands still until a test moves it."""
    now = [1000.0]
    for module in [data_version, server]:
        monkeypatch.setattr(module, "monotonic", lambda: now[0])
    monkeypatch.setattr(data_version, "MAX_AGE_SECONDS", 1)
    monkeypatch.setattr(data_version, "uniform", lambda least, most: least)
    monkeypatch.setattr(cache_server, "away_until", 0.0)
    return now


@pytest.fixture
def process(settings, monkeypatch, clock):
    """A function that returns the reader of another process, all with one cache server."""
    monkeypatch.setattr(server, "TIMEOUTS", {})  # a busy machine is no lost server
    opened = []

    def start():
        versions = Versions()
        versions.share()
        opened.append(versions)
        return versions.primary

    with start_fake_redis() as settings.CACHE_URL:
        yield start
        for versions in opened:
            versions.close()
            versions.primary.shared._client.connection_pool.disconnect()


def fail(*args):
    raise OperationalError("connection refused")


def test_one_process_asks_the_database_for_all(process, monkeypatch):
    make_country("FI")
    expected = process().read()
    monkeypatch.setattr(VersionReader, "_select", fail)

    assert expected is not None
    assert process().read() == expected


def test_no_process_uses_a_version_of_more_than_a_second_ago(process, clock):
    make_country("FI")
    first, second = process(), process()
    before = first.read()
    [key] = KEPT
    assert LIFETIMES[key] == 1000
    clock[0], LIFETIMES[key] = clock[0] + 0.25, 750
    assert second.read() == before
    make_country("NO")

    clock[0] += 0.75 - 0.001
    assert second.read() == before
    clock[0] += 0.001
    KEPT.clear()
    assert second.read() not in [before, None]


def test_a_version_is_read_again_in_the_second_half_of_its_second(process):
    make_country("FI")
    before = process().read()
    make_country("NO")
    [key] = KEPT
    LIFETIMES[key] = 501
    assert process().read() == before

    LIFETIMES[key] = 500
    after = process().read()
    assert after not in [before, None]
    assert (int(KEPT[key]), LIFETIMES[key]) == (after, 1000)


def test_processes_ask_at_different_moments(process, clock, monkeypatch):
    monkeypatch.setattr(data_version, "uniform", lambda least, most: most)
    make_country("FI")
    readers = [process(), process()]
    before = {reader.read() for reader in readers}
    make_country("NO")
    KEPT.clear()

    clock[0] += 0.499
    assert {reader.read() for reader in readers} == before
    clock[0] += 0.001
    assert before.isdisjoint(reader.read() for reader in readers)


@pytest.mark.parametrize(("seconds", "lifetimes"), [(0.75, [250]), (1, [])])
def test_the_time_that_the_database_takes_counts(process, clock, monkeypatch, seconds, lifetimes):
    select = VersionReader._select

    def slow(reader):
        clock[0] += seconds
        return select(reader)

    monkeypatch.setattr(VersionReader, "_select", slow)
    make_country("FI")

    assert process().read() is not None
    assert [*LIFETIMES.values()] == lifetimes


def test_a_version_without_its_lifetime_is_not_used(process):
    make_country("FI")
    expected = process().read()
    [key] = KEPT
    KEPT[key], LIFETIMES[key] = b"1", -2  # set after the question for the lifetime

    assert process().read() == expected


def test_a_version_that_expires_after_its_lifetime_was_read_is_not_used(process):
    make_country("FI")
    expected = process().read()
    KEPT.clear()

    assert LIFETIMES
    assert process().read() == expected


def test_without_a_version_nothing_is_shared(process, caplog):
    make_country("FI")
    DataVersion.objects.all().delete()

    assert process().read() is None
    assert not KEPT
    assert not caplog.text


def test_a_database_that_another_process_reaches_is_there(process, clock, monkeypatch):
    make_country("FI")
    reader = process()
    with monkeypatch.context() as patch:
        patch.setattr(VersionReader, "_select", fail)
        assert reader.read() is None
        assert reader.is_away
    assert not KEPT

    clock[0] += 1
    expected = process().read()
    monkeypatch.setattr(VersionReader, "_select", fail)
    assert reader.read() == expected
    assert not reader.is_away


def test_sites_with_one_cache_server_have_keys_of_their_own(process, settings):
    make_country("FI")
    process().read()
    settings.SECRET_KEY = "another site with a key of its own, of at least fifty characters"
    process().read()

    assert len(KEPT) == 2


def test_each_process_asks_the_database_while_the_server_is_away(clock, caplog):
    make_country("FI")
    reader = VersionReader()
    reader.shared = SharedVersion("redis://127.0.0.1:1")
    before = reader.read()
    make_country("NO")
    clock[0] += 1

    assert reader.read() not in [before, None]
    assert caplog.text.count("The cache server does not answer") == 1
    reader.close()


def test_without_a_cache_server_no_version_is_shared(settings):
    versions = Versions()
    versions.share()
    assert versions.primary.shared is None
