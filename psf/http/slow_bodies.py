"""A deadline for the bodies of requests, so that slow senders do not hold all threads."""

from collections.abc import Callable, Iterable
from threading import BoundedSemaphore, Thread
from time import monotonic
from typing import Protocol
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.core.exceptions import SuspiciousOperation

SECONDS = 15
BYTES_PER_SECOND = 50_000  # of a slow line; a large upload has more time
BODIES_AT_ONCE = 2  # of four threads in a worker
SECONDS_FOR_A_SLOT = 1


class Input(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...
    def readline(self, size: int = -1, /) -> bytes: ...


class BodyRefused(SuspiciousOperation):
    """The body did not arrive in time, or too many bodies are arriving."""

    def __init__(self, status: int, headers: dict[str, str] | None = None) -> None:
        super().__init__(f"Body refused with status {status}")
        self.status = status
        self.headers = headers


class TimedInput:
    """The body of one request. Reading raises `BodyRefused` after the deadline."""

    def __init__(self, body: Input, length: int, slots: BoundedSemaphore) -> None:
        self._body = body
        self._slots = slots
        self._deadline = monotonic() + SECONDS + length / BYTES_PER_SECOND

    def read(self, size: int = -1) -> bytes:
        return self._in_time(self._body.read, size)

    def readline(self, size: int = -1) -> bytes:
        return self._in_time(self._body.readline, size)

    def _in_time(self, read: Callable[[int], bytes], size: int) -> bytes:
        """Read in a thread: the server offers no deadline. The thread ends with its client."""
        if not self._slots.acquire(timeout=SECONDS_FOR_A_SLOT):
            raise BodyRefused(503, {"Retry-After": "30"})
        try:
            blocks: list[bytes] = []
            thread = Thread(target=lambda: blocks.append(read(size)), daemon=True)
            thread.start()
            thread.join(max(0, self._deadline - monotonic()))
        finally:
            self._slots.release()
        if not blocks:
            raise BodyRefused(408, {"Connection": "close"})
        return blocks[0]


class SlowBodies:
    """WSGI middleware that gives every body a deadline."""

    def __init__(self, application: WSGIApplication) -> None:
        self.application = application
        self._slots = BoundedSemaphore(BODIES_AT_ONCE)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        length = environ.get("CONTENT_LENGTH", "")
        if length.isdecimal():
            environ["wsgi.input"] = TimedInput(environ["wsgi.input"], int(length), self._slots)
        return self.application(environ, start_response)
