import pytest
from django.core.cache import caches

from psf.exports import responses
from psf.exports.responses import seconds_to_wait


@pytest.fixture(autouse=True)
def no_earlier_downloads():
    caches["downloads"].clear()


def test_address_waits_until_the_end_of_the_window(monkeypatch):
    now = 120.0
    monkeypatch.setattr(responses, "time", lambda: now)
    assert [seconds_to_wait("a", 2) for _number in range(3)] == [0, 0, 60]
    assert seconds_to_wait("b", 2) == 0
    now = 179.5
    assert seconds_to_wait("a", 2) == 1
    now = 180.0
    assert seconds_to_wait("a", 2) == 0


def test_a_lost_count_lets_readers_in(monkeypatch):
    monkeypatch.setattr(caches["downloads"], "add", lambda *arguments: True)
    assert seconds_to_wait("a", 0) == 0
