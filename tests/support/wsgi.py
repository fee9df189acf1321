"""Requests to the application as a server sends them."""

from typing import NamedTuple
from urllib.parse import unquote, urlsplit
from wsgiref.types import WSGIApplication, WSGIEnvironment
from wsgiref.util import setup_testing_defaults

from django.conf import settings

from psf.http.requests import ask


class FetchedPage(NamedTuple):
    """The answer to a request; `headers` have names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


def fetch(app: WSGIApplication, address: str) -> FetchedPage:
    """The answer to a GET request of an anonymous reader for a path with a query."""
    status, headers, body = ask(app, wsgi_environment(address))
    try:
        content = b"".join(body)
    finally:
        getattr(body, "close", lambda: None)()
    by_name = {name.lower(): value for name, value in headers}
    return FetchedPage(int(status.partition(" ")[0]), by_name, content)


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
