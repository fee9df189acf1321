"""The bodies of requests: how large, how many at once, and complete.

The server gives each body one of its threads, and no deadline. So few threads may wait for bodies,
and the others answer readers.
"""

from collections.abc import Iterable
from threading import BoundedSemaphore
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.http import HttpRequest, HttpResponse, QueryDict, UnreadablePostError

from psf.http import errors
from psf.http.middleware import GetResponse

# Of the 16 threads of a worker. A sender who stops keeps the thread until the connection ends.
STRANGERS_AT_ONCE, STAFF_AT_ONCE = 2, 8


class WholeBody:
    """The input of a request. Reading raises `OSError` if the sender ends too early."""

    def __init__(self, body: Any) -> None:
        self._body = body
        self.readline = body.readline  # Django asks for the method, and nothing calls it

    def read(self, size: int) -> bytes:
        """Read `size` bytes; Django never asks for more than the announced length."""
        block: bytes = self._body.read(size)
        if len(block) < size:
            raise OSError("The body is shorter than announced.")
        return block


def with_whole_bodies(application: WSGIApplication) -> WSGIApplication:
    """The application, which never takes the beginning of a body for the whole."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ["wsgi.input"] = WholeBody(environ["wsgi.input"])
        return application(environ, start_response)

    return answer


class RequestBodies:
    """Middleware that refuses a body by its headers, or reads the form before any view.

    It trusts no cookie: only an active account with a session may send more than a stranger.
    """

    # Only staff send forms, with one document at most. The form of a stranger is a sign-in.
    MAX_BYTES, MAX_BYTES_OF_STRANGERS = 11_000_000, 64_000

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self._permits = {
            False: BoundedSemaphore(STRANGERS_AT_ONCE),
            True: BoundedSemaphore(STAFF_AT_ONCE),
        }

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if refusal := self.refusal(request, length):
            return errors.page(refusal, {"Allow": "GET, HEAD"} if refusal == 405 else None)
        if request.method != "POST" or not length.strip("0"):
            return self.get_response(request)
        permits = self._permits[request.user.is_authenticated]
        if not permits.acquire(blocking=False):
            return errors.unavailable(request)
        try:
            self.form(request)
        except UnreadablePostError:
            return errors.page(400)
        finally:
            permits.release()
        return self.get_response(request)

    def refusal(self, request: HttpRequest, length: str) -> int | None:
        """The status for a body that is refused by its headers, or None."""
        if "Transfer-Encoding" in request.headers:
            return 411
        if not (length.isascii() and length.isdecimal()):
            return 400
        if not length.strip("0"):
            return None
        if not request.path_info.startswith("/admin/"):
            return 405 if request.method == "POST" else 413
        # Python reads at most 4300 digits as a number.
        size = int(length) if len(length) <= 10 else self.MAX_BYTES + 1
        if size <= self.MAX_BYTES_OF_STRANGERS:
            return None
        return 413 if size > self.MAX_BYTES or not request.user.is_authenticated else None

    @staticmethod
    def form(request: HttpRequest) -> QueryDict:
        """The form and its files. Django reads the whole body for them."""
        return request.POST
