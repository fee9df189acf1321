"""The requests of readers ask the replica while it has the data of the primary."""

from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.db import DEFAULT_DB_ALIAS, connections

from psf.caching.data_version import versions
from psf.caching.page_cache import WITHOUT_DATABASE, is_from_reader
from psf.database.sql import REPLICA, use_database
from psf.http.in_process_requests import ask


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
