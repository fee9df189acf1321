"""Readers' pages, kept as they were sent, and answered before Django is asked.

A page is kept for as long as the data version stands and no moment has passed at which it
would show something else, so a reader is given what Django would give now. Django is asked
for no more than the key of the page says: no cookie, header or unknown parameter of one
reader can show on another's page.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from threading import Lock
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

from django.conf import settings
from django.db import Error
from django.http.request import split_domain_port, validate_host
from django.utils import timezone
from django.utils.http import parse_etags

from psf.caching.compression import Packed, best_encoding, pack
from psf.caching.data_version import versions
from psf.caching.expiry import next_expiry
from psf.http.middleware import RejectBadInput
from psf.http.query_parameters import parameters_by_address

Environ = dict[str, Any]
Key = tuple[str, str]

LARGEST_PAGE = 1_000_000
# What the headers of a page and its place in the cache take, about.
BYTES_BESIDE_BODIES = 4096
# They ask for a part of the page, or for the page only if it is still another one.
SPECIAL_REQUESTS = {"HTTP_RANGE", "HTTP_IF_MATCH", "HTTP_IF_UNMODIFIED_SINCE"}
# What one reader sends and Django must not know when it makes a page for all.
ONE_READERS_OWN = {
    "HTTP_ACCEPT_ENCODING",
    "HTTP_COOKIE",
    "HTTP_IF_MODIFIED_SINCE",
    "HTTP_IF_NONE_MATCH",
}


class Kept(NamedTuple):
    """A page, and how long it is true: at that version of the data, until that moment."""

    page: Packed
    version: int
    until: datetime
    size: int


class Turn:
    """A lock on which so many threads wait."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.waiting = 0


class PageCache:
    """Answers anonymous readers from memory, and hands every other request to Django."""

    def __init__(self, application: Any, max_bytes: int) -> None:
        self.application = application
        self.max_bytes = max_bytes
        self.bytes = 0
        self.versions = versions
        self._parameters = parameters_by_address()  # this loads the views of readers
        self._pages: OrderedDict[Key, Kept] = OrderedDict()
        self._turns: dict[Key, Turn] = {}
        self._lock = Lock()
        self._horizon: tuple[int, datetime] | None = None
        self._cookies = [f"{settings.SESSION_COOKIE_NAME}=", f"{settings.CSRF_COOKIE_NAME}="]

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        key = self._key(environ)
        version = self.versions.read() if key else None
        if key is None or version is None:
            return self.application(environ, start_response)
        page = self._find(key, version) or self._make(key, environ)
        return answer(page, environ, start_response)

    def _key(self, environ: Environ) -> Key | None:
        """What the page depends on; None for a request that is Django's."""
        path, cookies = environ["PATH_INFO"], environ.get("HTTP_COOKIE")
        if (
            environ["REQUEST_METHOD"] not in ("GET", "HEAD")
            or not path.endswith("/")
            or path.startswith("/admin/")
            or not SPECIAL_REQUESTS.isdisjoint(environ)
            or (cookies and any(name in cookies for name in self._cookies))
            or not is_ours(environ.get("HTTP_HOST", ""))
            or (settings.SECURE and environ.get("HTTP_X_FORWARDED_PROTO") != "https")
        ):
            return None
        query = environ.get("QUERY_STRING")
        if not query:
            return path, ""
        if RejectBadInput.refusal(path, query):
            return None
        return path, normalised(query, self._parameters.get(path, frozenset()))

    def _find(self, key: Key, version: int | None) -> Packed | None:
        """The page, if it is here and still true."""
        with self._lock:
            kept = self._pages.get(key)
            if kept is None or kept.version != version or kept.until <= timezone.now():
                return None
            self._pages.move_to_end(key)
            return kept.page

    def _make(self, key: Key, environ: Environ) -> Packed:
        """The page from Django, made once however many ask for it meanwhile."""
        with self._turn(key):
            now, version = timezone.now(), self.versions.read()
            page = self._find(key, version)
            if page is None:
                until = self._until(version, now)
                page = ask(self.application, key, environ)
                if version is not None and until is not None and may_be_kept(page):
                    self._keep(key, Kept(page, version, until, page.size() + BYTES_BESIDE_BODIES))
            return page

    def _until(self, version: int | None, now: datetime) -> datetime | None:
        """The next moment at which these data show something else; None if that is not known."""
        horizon = self._horizon
        if horizon is None or horizon[0] != version or horizon[1] <= now:
            try:
                horizon = None if version is None else (version, next_expiry(now))
            except Error:
                horizon = None
            self._horizon = horizon
        return horizon[1] if horizon else None

    def _keep(self, key: Key, kept: Kept) -> None:
        """Keep the page, and give up those that were not asked for the longest."""
        with self._lock:
            if old := self._pages.pop(key, None):
                self.bytes -= old.size
            self._pages[key] = kept
            self.bytes += kept.size
            while self.bytes > self.max_bytes:
                _key, oldest = self._pages.popitem(last=False)
                self.bytes -= oldest.size

    @contextmanager
    def _turn(self, key: Key) -> Iterator[None]:
        with self._lock:
            turn = self._turns.setdefault(key, Turn())
            turn.waiting += 1
        try:
            with turn.lock:
                yield
        finally:
            with self._lock:
                turn.waiting -= 1
                if not turn.waiting:
                    del self._turns[key]


def in_front_of(application: Any) -> Any:
    """The application behind a cache of the size in the settings, if there is to be one."""
    size = settings.PAGE_CACHE_BYTES
    return PageCache(application, size) if size else application


@lru_cache(maxsize=64)
def is_ours(host: str) -> bool:
    """Whether a request to that host is answered; what is answered does not depend on it."""
    domain, _port = split_domain_port(host)
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)


def normalised(query: str, known: frozenset[str]) -> str:
    """The known parameters that have a value, by name, each pair once.

    The values of one name stay in their order, in which the page names them.
    """
    pairs = dict.fromkeys(pair for pair in parse_qsl(query) if pair[0] in known)
    return urlencode(sorted(pairs, key=lambda pair: pair[0]))


def ask(application: Any, key: Key, environ: Environ) -> Packed:
    """The whole answer of Django to a GET for what the key says.

    What streams has no place at an address that ends with a slash: it would be held in memory.
    """
    request = {name: value for name, value in environ.items() if name not in ONE_READERS_OWN}
    request |= {"REQUEST_METHOD": "GET", "QUERY_STRING": key[1]}
    started: list[Any] = []
    response = application(request, lambda *line_and_headers: started.extend(line_and_headers))
    try:
        body = b"".join(response)
    finally:
        response.close()
    encoding = best_encoding(environ.get("HTTP_ACCEPT_ENCODING", ""))
    return pack(started[0], started[1], body, encoding)


def may_be_kept(page: Packed) -> bool:
    found = {name.lower(): value.lower() for name, value in page.headers}
    control = found.get("cache-control", "")
    return (
        page.status.startswith("200 ")
        and bool(page.tag)
        and "set-cookie" not in found
        and "no-store" not in control
        and "private" not in control
        and found.get("vary", "") in ["", "accept-encoding"]
        and page.length <= LARGEST_PAGE
    )


def answer(page: Packed, environ: Environ, start_response: Any) -> list[bytes]:
    """Send the page, or say that the reader has it already."""
    asked = environ.get("HTTP_IF_NONE_MATCH")
    if asked and page.tag and has(asked, page.tag):
        start_response("304 Not Modified", page.not_modified.copy())
        return []
    encoding = best_encoding(environ.get("HTTP_ACCEPT_ENCODING", ""))
    headers, body = page.sent(encoding)
    start_response(page.status, headers.copy())
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def has(asked: str, tag: str) -> bool:
    """Whether If-None-Match names the tag: for reading, a weak one says enough."""
    if asked in (tag, f"W/{tag}"):  # all that browsers send
        return True
    tags = parse_etags(asked)
    return tags == ["*"] or tag.removeprefix("W/") in [one.removeprefix("W/") for one in tags]
