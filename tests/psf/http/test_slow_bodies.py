from io import BytesIO
from threading import Event, Timer

import pytest

from psf.http import slow_bodies
from psf.http.slow_bodies import BodyRefused, SlowBodies


class Silent:
    """A client that sends nothing until the end of the test."""

    def __init__(self):
        self.end = Event()

    def read(self, size):
        self.end.wait(10)
        return b""


@pytest.fixture
def silent(monkeypatch):
    monkeypatch.setattr(slow_bodies, "SECONDS", 0.05)
    monkeypatch.setattr(slow_bodies, "SECONDS_FOR_A_SLOT", 0.01)
    client = Silent()
    yield client
    client.end.set()


def guarded(body, length="10"):
    """The input that the application behind the middleware reads."""
    inputs = []
    application = SlowBodies(lambda environ, start: inputs.append(environ["wsgi.input"]) or [])
    environ = {"wsgi.input": body, "CONTENT_LENGTH": length}
    for _request in range(3):
        application({**environ}, None)
    return inputs


def test_a_body_is_passed_on():
    body = guarded(BytesIO(b"first\nsecond\n"))[0]

    assert body.readline() == b"first\n"
    assert body.read(6) == b"second"
    assert body.read() == b"\n"


def test_without_a_body_nothing_changes():
    plain = BytesIO()
    assert guarded(plain, length="") == [plain] * 3


def test_a_body_that_does_not_arrive_is_refused(silent):
    with pytest.raises(BodyRefused) as refusal:
        guarded(silent)[0].read(10)
    assert refusal.value.status == 408


def test_a_large_body_has_more_time(silent):
    Timer(0.2, silent.end.set).start()
    assert guarded(silent, length="200000")[0].read(10) == b""


def test_only_two_bodies_arrive_at_once(silent):
    inputs = guarded(silent)
    for one in inputs[:2]:
        assert one._slots.acquire(timeout=0)
    with pytest.raises(BodyRefused) as refusal:
        inputs[2].read(10)
    assert refusal.value.status == 503
    assert refusal.value.headers["Retry-After"]
