"""Public pages, stored as Django sent them, and answered before Django is asked; the replica.

A page is stored until the data version changes or a scheduled moment passes. A reader receives
a page that is at most one second old. Django renders a stored page from its key alone: no cookie,
header or unknown parameter of one reader appears on the page of another reader. The requests of
readers ask the replica while it has the data of the primary.
"""

import re
from collections.abc import Iterable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import closing
from functools import lru_cache
from time import monotonic
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.http.request import split_domain_port, validate_host
from django.utils.http import parse_etags

from psf.caching.data_version import versions
from psf.caching.values import VersionedStore
from psf.database.sql import use_database
from psf.environment import REPLICA
from psf.http.middleware import DATABASE_IS_AWAY, RejectBadInput
from psf.http.requests import Headers, ask, parameters_by_address

# Pages in memory are shown this long while the database does not answer.
MAX_SECONDS_WITHOUT_DATABASE = 600
# Addresses that need no database.
WITHOUT_DATABASE = ("/static/", "/healthz", "/readyz")

# One thread of a process renders pages, one after another. All other threads stay free for staff,
# and a request of staff shares the processor with one page at most.
RENDER_THREADS = 1
# As it is sent: compressed for most readers.
MAX_PAGE_BYTES = 1_000_000
# The headers of a page and its entry in the cache, roughly.
BYTES_BESIDE_BODY = 4096
# A request for a part of the page, or for the page under a condition of writers.
SPECIAL_REQUESTS = {"HTTP_RANGE", "HTTP_IF_MATCH", "HTTP_IF_UNMODIFIED_SINCE"}
# Headers of one reader, which a page for all readers must not depend on.
PERSONAL_HEADERS = {
    "HTTP_COOKIE",
    "HTTP_IF_MODIFIED_SINCE",
    "HTTP_IF_NONE_MATCH",
}
# A header Accept-Encoding that names gzip, with a weight above zero.
ACCEPTS_GZIP = re.compile(r"(?<![\w-])gzip(?!\s*;\s*q=0(\.0*)?\s*(,|$))", re.IGNORECASE)
NOT_IN_A_304 = {"content-encoding", "content-length", "content-type", "link", "x-robots-tag"}


class Key(NamedTuple):
    """What a page depends on."""

    path: str
    query: str
    accept_encoding: str


class StoredResponse(NamedTuple):
    status: str
    headers: Headers
    tag: str
    body: bytes


class PageCache:
    """A WSGI application that answers anonymous readers, in front of Django for the rest.

    `pool` has one thread, which renders the pages. So a page that many readers wait for is rendered
    once.
    """

    def __init__(self, application: WSGIApplication, max_bytes: int, pool: Executor) -> None:
        self.application = application
        self.versions = versions
        self.pages = VersionedStore[StoredResponse](
            max_bytes, lambda page: len(page.body) + BYTES_BESIDE_BODY
        )
        self._pool = pool
        self._parameters = parameters_by_address()  # loads the public views
        self._answered_at = 0.0  # when the database last answered

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith(WITHOUT_DATABASE):
            return self.application(environ, start_response)
        key, reader, now = self._key(environ), self.versions.reader(), monotonic()
        version, page = reader.read(), None
        if reader.is_away:
            environ[DATABASE_IS_AWAY] = "1"
        else:
            self._answered_at = now
        if now - self._answered_at <= MAX_SECONDS_WITHOUT_DATABASE:
            page = self.pages.get(key, reader.latest)
        if page is None and key and version is not None:
            page = self._pool.submit(self._render, key, environ, connection.alias).result()
        if page is None:
            return self.application(environ, start_response)
        return send(page, environ, start_response)

    def _key(self, environ: WSGIEnvironment) -> Key | None:
        """The key of the page; None for a request that Django answers."""
        path = environ["PATH_INFO"]
        if (
            not is_from_reader(environ)
            or not path.endswith("/")
            or path != path.lower()  # redirects to small letters with the whole query
            or not SPECIAL_REQUESTS.isdisjoint(environ)
            or not is_allowed_host(environ.get("HTTP_HOST", ""))
            or (settings.SECURE and environ.get("HTTP_X_FORWARDED_PROTO") != "https")
        ):
            return None
        accept_encoding = environ.get("HTTP_ACCEPT_ENCODING", "")
        encoding = "gzip" if ACCEPTS_GZIP.search(accept_encoding) else ""
        query = environ.get("QUERY_STRING", "")
        if RejectBadInput.refusal(path, query):
            return None
        parameters = self._parameters.get(path, frozenset())
        return Key(path, normalise_query(query, parameters), encoding)

    def _render(self, key: Key, environ: WSGIEnvironment, database: str) -> StoredResponse:
        """The page, stored by the request before or from Django.

        The page of Django is stored if it is the same for all readers.
        """
        use_database(database)
        reader = self.versions.reader()
        version = reader.read()
        if page := self.pages.get(key, version):
            return page
        if reader.is_away:  # since this page waited for its turn
            environ[DATABASE_IS_AWAY] = "1"
        period = self.pages.current_period(version)
        page = ask_django(self.application, key, environ)
        if may_be_stored(page):
            self.pages.put(key, page, period)
        return page


def with_page_cache(application: WSGIApplication) -> WSGIApplication:
    """The application behind a page cache, unless the settings give the cache no memory."""
    size = settings.PAGE_CACHE_BYTES
    return PageCache(application, size, render_pool()) if size else application


def render_pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(RENDER_THREADS, "render")


def is_from_reader(environ: WSGIEnvironment) -> bool:
    """Whether somebody without the cookies of staff asks for a public address."""
    cookies = environ.get("HTTP_COOKIE", "")
    return (
        environ["REQUEST_METHOD"] in ("GET", "HEAD")
        and not environ["PATH_INFO"].startswith("/admin/")
        and f"{settings.SESSION_COOKIE_NAME}=" not in cookies
        and f"{settings.CSRF_COOKIE_NAME}=" not in cookies
    )


@lru_cache(maxsize=64)
def is_allowed_host(host: str) -> bool:
    domain, _port = split_domain_port(host)
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)


def normalise_query(query: str, parameters: frozenset[str]) -> str:
    """The known parameters that have a value, sorted by name, without repeated pairs.

    The values of one parameter keep their order, because pages show the values in this order.
    """
    pairs = dict.fromkeys(pair for pair in parse_qsl(query) if pair[0] in parameters)
    return urlencode(sorted(pairs, key=lambda pair: pair[0]))


def ask_django(application: WSGIApplication, key: Key, environ: WSGIEnvironment) -> StoredResponse:
    """The whole response of Django to a GET request for the key.

    No view at an address that ends with a slash may stream: the response is held in memory.
    """
    request = {name: value for name, value in environ.items() if name not in PERSONAL_HEADERS}
    request |= {
        "REQUEST_METHOD": "GET",
        "QUERY_STRING": key.query,
        "HTTP_ACCEPT_ENCODING": key.accept_encoding,
    }
    status, headers, body = ask(application, request)
    with closing(body) as parts:  # type: ignore[type-var]
        tag = next((value for name, value in headers if name.lower() == "etag"), "")
        return StoredResponse(status, headers, tag, b"".join(parts))


def may_be_stored(page: StoredResponse) -> bool:
    headers = {name.lower(): value.lower() for name, value in page.headers}
    control = headers.get("cache-control", "")
    return (
        page.status.startswith("200 ")
        and bool(page.tag)
        and "set-cookie" not in headers
        and "no-store" not in control
        and "private" not in control
        and headers.get("vary", "") in ["", "accept-encoding"]
        and len(page.body) <= MAX_PAGE_BYTES
    )


def send(page: StoredResponse, environ: WSGIEnvironment, start: StartResponse) -> list[bytes]:
    """Send the page, or status 304 if the reader has the page already and it is no error."""
    if_none_match = page.status.startswith("200 ") and environ.get("HTTP_IF_NONE_MATCH")
    if if_none_match and page.tag and matches(if_none_match, page.tag):
        headers = [pair for pair in page.headers if pair[0].lower() not in NOT_IN_A_304]
        start("304 Not Modified", headers)
        return []
    start(page.status, page.headers.copy())
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [page.body]


def matches(if_none_match: str, tag: str) -> bool:
    """Whether a header If-None-Match names the tag, strong or weak."""
    tags = parse_etags(if_none_match)
    return tags == ["*"] or tag.removeprefix("W/") in [name.removeprefix("W/") for name in tags]


class ReplicaReaders:
    """A WSGI application that chooses the database of each request, in front of the page cache.

    Staff ask the primary. A reader's request that fails on the replica is repeated on the primary.
    """

    def __init__(self, application: WSGIApplication) -> None:
        self.application = application

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        use_database(DEFAULT_DB_ALIAS)
        if may_ask_replica(environ):
            use_database(REPLICA)
            status, headers, body = ask(self.application, environ.copy())
            if not status.startswith("503"):
                start_response(status, headers)
                return body
            getattr(body, "close", list)()
            use_database(DEFAULT_DB_ALIAS)
        return self.application(environ, start_response)


def with_replica(application: WSGIApplication) -> WSGIApplication:
    """The application behind the choice of a database, if there are two."""
    return ReplicaReaders(application) if REPLICA in connections else application


def may_ask_replica(environ: WSGIEnvironment) -> bool:
    """Whether a reader asks, and the replica answers with the data of the primary.

    While the primary is away, its data are not known, and readers ask the replica.
    """
    if not is_from_reader(environ) or environ["PATH_INFO"].startswith(WITHOUT_DATABASE):
        return False
    version = versions.replica.read()
    if versions.replica.is_away:
        return False
    return version == versions.primary.read() or versions.primary.is_away
