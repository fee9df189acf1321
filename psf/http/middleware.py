"""The middleware of all requests: refusals, headers, bodies, static files, unchanged answers."""

import os
import re
from collections.abc import Callable, Iterable
from threading import BoundedSemaphore
from typing import BinaryIO
from urllib.parse import unquote_to_bytes
from wsgiref.headers import Headers
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict, UnreadablePostError
from django.utils.cache import has_vary_header, patch_vary_headers

from psf.http import errors

GetResponse = Callable[[HttpRequest], HttpResponse]

PERMISSIONS_POLICY = (
    "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), "
    "magnetometer=(), microphone=(), midi=(), payment=(), usb=()"
)


class SecurityHeaders:
    """The same headers on every response: pages, errors, redirects and static files.

    Any cache may store a public page, but must validate the page by ETag at each request. No cache
    may store staff pages. Other sites may show in a frame only the pages of views with Django's
    `xframe_options_exempt`.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        policy = "; ".join(f"{name} {' '.join(v)}" for name, v in settings.SECURE_CSP.items())
        self.headers = {
            "Content-Security-Policy": policy,
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": settings.SECURE_CROSS_ORIGIN_OPENER_POLICY,
            "Cross-Origin-Embedder-Policy": "require-corp",
            "Permissions-Policy": PERMISSIONS_POLICY,
            "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": settings.X_FRAME_OPTIONS,
        }
        open_policy = policy.replace("frame-ancestors 'none'", "frame-ancestors *")
        self.framed_headers = self.headers | {
            "Content-Security-Policy": open_policy,
            "Cross-Origin-Resource-Policy": "cross-origin",
        }
        del self.framed_headers["X-Frame-Options"]

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        framed = getattr(response, "xframe_options_exempt", False)
        for name, value in (self.framed_headers if framed else self.headers).items():
            response.headers.setdefault(name, value)
        if request.path.startswith("/admin/"):
            response.headers["Cache-Control"] = "no-store, private"
        else:
            response.headers.setdefault("Cache-Control", self.cache_control(response))
        if response.status_code == 304:
            # The gzip middleware skips empty responses, but the full response varies.
            patch_vary_headers(response, ["Accept-Encoding"])
        return response

    def cache_control(self, response: HttpResponse) -> str:
        if response.cookies or has_vary_header(response, "Cookie"):
            return "no-cache, private"
        return "no-cache, public" if response.status_code in [200, 304] else "no-cache"


# A key of the WSGI environment: no request reaches a database that does not answer.
DATABASE_IS_AWAY = "psf.database_is_away"


class RejectBadInput:
    """Refuse requests that no browser of a reader sends."""

    METHODS = ["GET", "HEAD", "POST", "OPTIONS"]
    MAX_QUERY_BYTES = 2048
    # Without the tab, which words copied from a table contain.
    CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]")
    # Django escapes bytes in a path that are not UTF-8.
    ESCAPED_BYTES = re.compile(r"%[89A-F][0-9A-F]")

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in self.METHODS:
            return errors.page(405, {"Allow": ", ".join(self.METHODS)})
        refusal = self.refusal(request.path_info, request.META.get("QUERY_STRING", ""))
        if refusal:
            return errors.page(refusal)
        if DATABASE_IS_AWAY in request.META:
            return errors.unavailable(request)
        return self.get_response(request)

    @classmethod
    def refusal(cls, path: str, query: str) -> int | None:
        """The status for an address that is refused, or None."""
        if len(query) > cls.MAX_QUERY_BYTES:
            return 414
        if cls.ESCAPED_BYTES.search(path):
            return 400
        try:
            text = path + unquote_to_bytes(query).decode()
        except UnicodeDecodeError:
            return 400
        return 400 if cls.CONTROL_CHARACTERS.search(text) else None


def add_weak_etag(headers: Headers, path: str, url: str) -> None:
    """Give a file one weak tag, whether it is sent plain or compressed."""
    stat = os.stat(path)
    headers["ETag"] = f'W/"{int(stat.st_mtime):x}-{stat.st_size:x}"'


# Addresses that take forms: those of staff, and the address for a mail about the next call.
WITH_FORMS = ("/admin/", "/apply/mail/")
# Of the 16 threads of a worker. A sender who stops keeps the thread until the connection ends.
STRANGERS_AT_ONCE, STAFF_AT_ONCE = 2, 8


class WholeBody:
    """The input of a request. Reading raises `OSError` if the sender ends too early."""

    def __init__(self, body: BinaryIO) -> None:
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

    # Staff send one document at most. Strangers sign in, or leave an address.
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
        if not request.path_info.startswith(WITH_FORMS):
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
