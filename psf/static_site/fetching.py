"""Public pages, asked of the site within this process as an anonymous reader."""

from functools import cache
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit
from wsgiref.types import WSGIApplication, WSGIEnvironment
from wsgiref.util import setup_testing_defaults

from django.conf import settings
from django.core.wsgi import get_wsgi_application


class Answer(NamedTuple):
    """The answer to a request; `headers` have names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


@cache
def application() -> WSGIApplication:
    return get_wsgi_application()


def fetch(address: str) -> Answer:
    """The answer of the site to a GET request for a path with a query."""
    status, headers = "", {}

    def start_response(line: str, pairs: list[tuple[str, str]], error: object = None) -> Any:
        nonlocal status, headers
        status, headers = line, {name.lower(): value for name, value in pairs}

    answer: Any = application()(wsgi_environment(address), start_response)
    try:
        body = b"".join(answer)
    finally:
        getattr(answer, "close", lambda: None)()
    return Answer(int(status.partition(" ")[0]), headers, body)


def wsgi_environment(address: str) -> WSGIEnvironment:
    path, _mark, query = address.partition("?")
    site = urlsplit(settings.SITE_URL)
    environ: WSGIEnvironment = {
        "PATH_INFO": unquote(path, "latin-1"),
        "QUERY_STRING": query,
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": site.netloc,
        "HTTP_X_FORWARDED_PROTO": site.scheme,
        "wsgi.url_scheme": site.scheme,
    }
    setup_testing_defaults(environ)
    return environ
