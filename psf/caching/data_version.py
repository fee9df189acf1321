"""The data version, which each process reads at most once a second."""

from threading import Lock
from time import monotonic

from django.db import Error, connections
from django.db.backends.base.base import BaseDatabaseWrapper

MAX_AGE_SECONDS = 1


class VersionReader:
    """Reads the data version over a connection of its own, and remembers it for a second.

    The connection stays open. Django closes its own connections with each request.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._connection: BaseDatabaseWrapper | None = None
        self._version: int | None = None
        self._expires_at = 0.0

    def read(self) -> int | None:
        """The data version of at most a second ago; None if there is none or no database.

        Read the version before the data: then no data are older than their version.
        """
        with self._lock:
            started_at = monotonic()
            if started_at >= self._expires_at:
                self._version = self._query()
                # A database that is away can take seconds to say so.
                failed = self._version is None
                self._expires_at = (monotonic() if failed else started_at) + MAX_AGE_SECONDS
            return self._version

    def close(self) -> None:
        with self._lock:
            self._expires_at = 0.0
            self._disconnect()

    def _query(self) -> int | None:
        try:
            if self._connection is None:
                self._connection = connections["default"].copy()
                self._connection.inc_thread_sharing()
            with self._connection.cursor() as cursor:
                cursor.execute("SELECT value FROM psf_dataversion")
                rows = cursor.fetchall()
        except Error:
            self._disconnect()
            return None
        return rows[0][0] if rows else None

    def _disconnect(self) -> None:
        if self._connection:
            self._connection.close()
            self._connection = None


# One connection for the whole process: on SQLite each takes 2 MB.
versions = VersionReader()
