"""Requests that are refused before anything reads their body, and the limits of their size."""

import re
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from psf.http import errors
from psf.http.security_headers import GetResponse

# A key of the WSGI environment: no request reaches a database that does not answer.
DATABASE_IS_AWAY = "psf.database_is_away"


class RejectBadInput:
    """Refuse requests that no browser of a reader sends."""

    METHODS = ["GET", "HEAD", "POST", "OPTIONS"]
    MAX_QUERY_BYTES = 2048
    # Only staff send forms. A form without a session is a sign-in.
    MAX_BODY_BYTES, MAX_BODY_BYTES_WITHOUT_SESSION = 201_000_000, 64_000
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
        refusal = refusal or self.body_refusal(request)
        if refusal:
            return errors.page(refusal, {"Allow": "GET, HEAD"} if refusal == 405 else None)
        if DATABASE_IS_AWAY in request.META:
            return errors.unavailable(request)
        return self.get_response(request)

    def body_refusal(self, request: HttpRequest) -> int | None:
        """The status for a body that is refused by its headers, or None."""
        if "Transfer-Encoding" in request.headers:
            return 411
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not (length.isascii() and length.isdecimal()):
            return 400
        if not request.path_info.startswith("/admin/") and length.strip("0"):
            return 405 if request.method == "POST" else 413
        has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
        limit = self.MAX_BODY_BYTES if has_session else self.MAX_BODY_BYTES_WITHOUT_SESSION
        # Python reads at most 4300 digits as a number.
        return 413 if len(length) > 10 or int(length) > limit else None

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
