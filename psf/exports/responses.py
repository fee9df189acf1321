"""Answers in the asked format; addresses of data are open to programs on other sites."""

import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import wraps
from hashlib import sha256
from http import HTTPStatus
from threading import BoundedSemaphore
from time import time

from django.conf import settings
from django.core.cache import caches
from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.urls import register_converter
from django.urls.converters import StringConverter
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.csrf import csrf_exempt

from psf.caching.data_version import versions
from psf.caching.values import next_expiry
from psf.exports.files import DataTable, Value, csv_parts, json_text, xlsx_file
from psf.http.requests import client_network


def data_state(edition: str) -> str | None:
    """A name that changes with the public data; None if the data have no version.

    `edition` identifies the program and the settings that write the answer.
    """
    version = versions.read()
    if version is None:
        return None
    parts = [edition, str(version), str(next_expiry(timezone.now()))]
    return sha256(" ".join(parts).encode()).hexdigest()[:16]


def data_tag(request: HttpRequest, edition: str) -> str | None:
    """The weak ETag of the address for the data of now; None if the data have no version."""
    state = data_state(edition)
    if state is None:
        return None
    return f'W/"{sha256(f"{state} {request.get_full_path()}".encode()).hexdigest()[:32]}"'


WINDOW_SECONDS = 60


def seconds_to_wait(address: str, most: int) -> int:
    """Count a download. Return 0, or the seconds until the address may download again.

    The cache stores a fingerprint of the address, for a minute.
    """
    window, elapsed = divmod(int(time()), WINDOW_SECONDS)
    key = salted_hmac("psf.downloads", f"{window} {address}").hexdigest()
    cache = caches["downloads"]
    cache.add(key, 0, WINDOW_SECONDS)
    with suppress(ValueError):  # the entry gave way to others
        return WINDOW_SECONDS - elapsed if cache.incr(key) > most else 0
    return 0


CONTENT_TYPES = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
METHODS = "GET, HEAD, OPTIONS"
PREFLIGHT_HEADERS = {
    "Access-Control-Allow-Methods": METHODS,
    "Access-Control-Allow-Headers": "If-None-Match",
    "Access-Control-Max-Age": "86400",
    "Allow": METHODS,
}

# A workbook of 30 000 rows takes a processor ten seconds. The other threads answer readers.
WORKBOOKS_AT_ONCE, RETRY_SECONDS = 2, 30
_workbooks = BoundedSemaphore(WORKBOOKS_AT_ONCE)

View = Callable[..., HttpResponseBase]


class Refusal(Exception):
    """An answer with an error status and a sentence."""

    def __init__(self, status: int, sentence: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.status, self.sentence, self.headers = status, sentence, headers or {}


def data_view(view: View) -> View:
    """Answer readers and programs. Errors have the asked format, the argument `suffix`, or JSON.

    No address of data takes forms, so none needs a token against forged forms.
    """

    @csrf_exempt
    @wraps(view)
    def answer(
        request: HttpRequest, *args: str, suffix: str = "json", **kwargs: str
    ) -> HttpResponseBase:
        if request.method == "OPTIONS":
            return HttpResponse(status=204, headers=PREFLIGHT_HEADERS)
        try:
            if request.method not in ("GET", "HEAD"):
                raise Refusal(405, _("This address can only be read."), {"Allow": METHODS})
            if suffix not in CONTENT_TYPES:
                names = ", ".join(CONTENT_TYPES)
                sentence = _("The format “%(suffix)s” is not offered. Formats: %(names)s.")
                raise Refusal(400, sentence % {"suffix": suffix, "names": names})
            return view(request, *args, suffix=suffix, **kwargs)
        except Refusal as refusal:
            return refused(suffix, refusal)

    return answer


def refused(suffix: str, refusal: Refusal) -> HttpResponse:
    """The error in the asked format; in JSON if the format is unknown."""
    row: dict[str, Value] = {"status": refusal.status, "error": refusal.sentence}
    if suffix == "csv":
        content: str | bytes = "".join(csv_parts(row, [list(row.values())]))
    elif suffix == "xlsx":
        with xlsx_file([DataTable(_("Error"), list(row), [list(row.values())])]) as file:
            content = file.read()
    else:
        content = json_text(row)
    content_type = CONTENT_TYPES.get(suffix, CONTENT_TYPES["json"])
    return HttpResponse(content, content_type, status=refusal.status, headers={**refusal.headers})


def limit_downloads(request: HttpRequest) -> None:
    """Count a download of the reader; raises a Refusal (429) above the limit of a minute."""
    if seconds := seconds_to_wait(client_network(request), settings.DOWNLOADS_PER_MINUTE):
        sentence = _("Too many downloads from your address. Wait %(seconds)d seconds.")
        raise Refusal(429, sentence % {"seconds": seconds}, {"Retry-After": str(seconds)})


def busy() -> Refusal:
    """The refusal of a large file while others are written: no thread waits for them."""
    sentence = _("The server is writing other files. Try again in %(seconds)d seconds.")
    headers = {"Retry-After": str(RETRY_SECONDS)}
    return Refusal(503, sentence % {"seconds": RETRY_SECONDS}, headers)


def workbook_response(name: str, sheets: Iterable[DataTable]) -> FileResponse:
    """A workbook as a download; raises a Refusal while this process writes others."""
    if not _workbooks.acquire(blocking=False):
        raise busy()
    try:
        file = xlsx_file(sheets)
    finally:
        _workbooks.release()
    kind = CONTENT_TYPES["xlsx"]
    return FileResponse(file, as_attachment=True, filename=f"{name}.xlsx", content_type=kind)


def json_response(content: object, links: dict[str, str] | None = None) -> HttpResponse:
    """JSON with a header of links by relation."""
    response = HttpResponse(json_text(content), CONTENT_TYPES["json"])
    if links:
        pairs = [f'<{address}>; rel="{relation}"' for relation, address in links.items()]
        response.headers["Link"] = ", ".join(pairs)
    return response


def table_response(suffix: str, table: DataTable) -> HttpResponseBase:
    """The table as a download in CSV or XLSX, or as rows in JSON."""
    if suffix == "json":
        keys = table.keys or table.heads
        rows = [dict(zip(keys, row, strict=True)) for row in table.rows]
        return json_response({"table": table.name, "count": len(rows), "next": None, "rows": rows})
    if suffix == "csv":
        parts = csv_parts(table.heads, table.rows)
        response: HttpResponseBase = StreamingHttpResponse(parts, CONTENT_TYPES["csv"])
        response.headers["Content-Disposition"] = f'attachment; filename="{table.name}.csv"'
        return response
    return workbook_response(table.name, [table])


class Suffix(StringConverter):
    """A format, offered or not: the view answers in words for a wrong one."""

    regex = "[a-z0-9]{1,8}"


register_converter(Suffix, "suffix")

# The end of an address of data, perhaps followed by characters that no address has.
FEEDS = ["atom", "ics"]
# The application form is for people: its errors are pages.
DATA_ADDRESS = re.compile(
    r"(?!/admin/|.*/application-form\.).*\.(json|csv|xlsx|jsonld|zip|atom|ics)\W*", re.DOTALL
)
# Programs on every site may read the answers.
OPEN_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Link, Retry-After",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
SENTENCES = {
    400: gettext_lazy("The address has characters that no address of this site has."),
    404: gettext_lazy("There is no public data at this address."),
    405: gettext_lazy("This address can only be read."),
    411: gettext_lazy("A request for data has no body."),
    413: gettext_lazy("A request for data has no body."),
    414: gettext_lazy("The address is too long."),
    503: gettext_lazy("The data cannot be read now. Try again later."),
}
HEADERS = ["Allow", "Retry-After"]


class DataAddresses:
    """Middleware that opens data to programs on other sites: also feeds, redirects and errors.

    Data, except feeds, have one shape of errors instead of a page.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        address = DATA_ADDRESS.fullmatch(request.path_info)
        if address is None:
            return response
        is_page = response.status_code >= 400 and "text/html" in response.headers["Content-Type"]
        if is_page and address[1] not in FEEDS:
            self._replace_page(response, address[1])
        for name, value in OPEN_HEADERS.items():
            response.headers[name] = value
        return response

    def _replace_page(self, response: HttpResponse, suffix: str) -> None:
        status = response.status_code
        sentence = str(SENTENCES.get(status, HTTPStatus(status).phrase))
        headers = {name: response.headers[name] for name in HEADERS if name in response.headers}
        answer = refused(suffix, Refusal(status, sentence, headers))
        # Django has logged the error of this response, and would log a new response once more.
        response.content, response.headers = answer.content, answer.headers
        response.cookies.clear()
