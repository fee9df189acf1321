"""The middleware of all requests: refusals, headers, static files, answers that did not change."""

import os
import re
from collections.abc import Callable
from urllib.parse import unquote_to_bytes
from wsgiref.headers import Headers

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.http import ConditionalGetMiddleware
from django.utils.cache import has_vary_header, patch_vary_headers, set_response_etag
from whitenoise.middleware import WhiteNoiseMiddleware

from psf.http import errors

GetResponse = Callable[[HttpRequest], HttpResponse]

PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in [
        "accelerometer",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "usb",
    ]
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


class ConditionalGet(ConditionalGetMiddleware):
    """Django's middleware, with an ETag for HEAD as for GET."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if request.method == "HEAD" and self.needs_etag(response) and "ETag" not in response:
            set_response_etag(response)
        return super().process_response(request, response)


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


class StaticFiles(WhiteNoiseMiddleware):
    """WhiteNoise that examines a file at its first request, and not all files at the start."""

    def update_files_dictionary(self, root: str, prefix: str) -> None:
        self.directories.insert(0, (root, prefix))

    def __call__(self, request: HttpRequest) -> HttpResponse:
        path = request.path_info
        if path not in self.files and (file := self.find_file(path)):
            self.files[path] = file
        return super().__call__(request)
