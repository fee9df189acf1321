"""Requests that are refused by their method or address."""

import re
from urllib.parse import unquote_to_bytes

from django.http import HttpRequest, HttpResponse

from psf.http import errors
from psf.http.security_headers import GetResponse

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
