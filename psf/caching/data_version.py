"""The data version of a database, which each process reads at most once a second."""

from threading import Lock
from time import monotonic

from django.db import DEFAULT_DB_ALIAS, Error, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from psf.database import replaced_file
from psf.database.replica import REPLICA

MAX_AGE_SECONDS = 1
# A busy machine can take longer than a second for an answer of a database that is there.
PATIENCE_SECONDS = 3.0
# Between two attempts to reach a replica: the primary has the same data.
REPLICA_AWAY_SECONDS = 10


class VersionReader:
    """Reads the data version over a connection of its own, and remembers it for a second.

    The connection stays open. Django closes its own connections with each request.
    """

    def __init__(self, alias: str = DEFAULT_DB_ALIAS) -> None:
        self.is_away = False  # whether the database failed to answer
        self._alias = alias
        self._lock = Lock()
        self._connection: BaseDatabaseWrapper | None = None
        self._version: int | None = None
        self._asked_at = 0.0
        self._expires_at = 0.0

    def read(self) -> int | None:
        """The data version of at most a second ago; None if there is none or no database.

        Read the version before the data: then no data are older than their version. Only one
        thread waits longer than three seconds for a database that does not answer.
        """
        patience = PATIENCE_SECONDS
        if self._lock.locked():  # another thread asks; nobody waits for a database known to be away
            waited = monotonic() - self._asked_at
            patience = 0.0 if self.is_away else max(0.0, PATIENCE_SECONDS - waited)
        if not self._lock.acquire(timeout=patience):
            self.is_away = True
            return None
        try:
            started_at = self._asked_at = monotonic()
            if started_at >= self._expires_at:
                self._version = self._query()
                self._expires_at = started_at + MAX_AGE_SECONDS
                if self.is_away:  # which can take seconds to find out
                    wait = REPLICA_AWAY_SECONDS if self._alias == REPLICA else MAX_AGE_SECONDS
                    self._expires_at = monotonic() + wait
            return self._version
        finally:
            self._lock.release()

    def close(self) -> None:
        with self._lock:
            self._expires_at = 0.0
            self._disconnect()

    def _query(self) -> int | None:
        """Ask once more if an old connection fails: the server may have restarted."""
        for _attempt in range(2 if self._connection else 1):
            try:
                rows = self._select()
            except Error:
                self._disconnect()
            else:
                self.is_away = False
                return rows[0][0] if rows else None
        self.is_away = True
        return None

    def _select(self) -> list[tuple[int]]:
        if self._connection is None:
            self._connection = connections[self._alias].copy()
            self._connection.inc_thread_sharing()
        replaced_file.reopen_replaced(self._connection)
        with self._connection.cursor() as cursor:
            cursor.execute("SELECT value FROM psf_dataversion")
            return cursor.fetchall()

    def _disconnect(self) -> None:
        if self._connection:
            self._connection.close()
            self._connection = None


class Versions:
    """The data version of the database that the thread asks: the primary or the replica."""

    def __init__(self) -> None:
        # One connection for the whole process: on SQLite each takes 2 MB.
        self.primary, self.replica = VersionReader(), VersionReader(REPLICA)

    @property
    def is_away(self) -> bool:
        return self._reader().is_away

    def read(self) -> int | None:
        """See `VersionReader.read`."""
        return self._reader().read()

    def close(self) -> None:
        self.primary.close()
        self.replica.close()

    def _reader(self) -> VersionReader:
        return self.replica if connection.alias == REPLICA else self.primary


versions = Versions()
