"""The data version of a database, which each process reads at most once a second."""

import logging
from threading import Lock
from time import monotonic

from django.db import DEFAULT_DB_ALIAS, Error, connection, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

from psf.environment import REPLICA

MAX_AGE_SECONDS = 1
# A busy machine can take longer than a second for an answer of a database that is there.
PATIENCE_SECONDS = 3.0
# Between two attempts to reach a replica: the primary has the same data.
REPLICA_AWAY_SECONDS = 10

logger = logging.getLogger(__name__)


class VersionReader:
    """Reads the data version over a connection of its own, and remembers it for a second.

    The connection stays open. Django closes its own connections with each request.
    """

    def __init__(self, alias: str = DEFAULT_DB_ALIAS) -> None:
        self.is_away = False  # whether the database failed to answer
        self.latest: int | None = None  # the version of its last answer
        self._alias = alias
        self._lock = Lock()
        self._connection: BaseDatabaseWrapper | None = None
        self._expires_at = 0.0

    def read(self) -> int | None:
        """The data version of at most a second ago; None if there is none or no database.

        Read the version before the data: then no data are older than their version. Only one
        thread waits longer than three seconds for a database that does not answer, and no other
        waits for a database known to be away.
        """
        if not self._lock.acquire(timeout=0 if self.is_away else PATIENCE_SECONDS):
            self.is_away = True
            return None
        try:
            now = monotonic()
            if now >= self._expires_at:
                self._expires_at = now + self._ask()
            return None if self.is_away else self.latest
        finally:
            self._lock.release()

    def close(self) -> None:
        with self._lock:
            self._expires_at = 0.0
            self._disconnect()

    def _ask(self) -> float:
        """Ask the database, once more if an old connection fails: the server may have restarted.

        Return how long its answer is valid.
        """
        asked_at, was_away = monotonic(), self.is_away
        for _attempt in range(2 if self._connection else 1):
            try:
                rows = self._select()
            except Error as error:
                self._disconnect()
                reason = " ".join(str(error).split())
            else:
                self.is_away, self.latest = False, rows[0][0] if rows else None
                return MAX_AGE_SECONDS
        self.is_away = True
        if not was_away:
            logger.error("The database %s does not answer: %s", self._alias, reason)
        pause = REPLICA_AWAY_SECONDS if self._alias == REPLICA else MAX_AGE_SECONDS
        return monotonic() - asked_at + pause  # it can take seconds to find out

    def _select(self) -> list[tuple[int]]:
        if self._connection is None:
            self._connection = connections[self._alias].copy()
            self._connection.inc_thread_sharing()
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

    def reader(self) -> VersionReader:
        return self.replica if connection.alias == REPLICA else self.primary

    def read(self) -> int | None:
        """See `VersionReader.read`."""
        return self.reader().read()

    def close(self) -> None:
        self.primary.close()
        self.replica.close()


versions = Versions()


class DataVersion(models.Model):
    """A number that represents the present content of calls, projects and partners. One row.

    A trigger replaces the number in the transaction of every change; see `psf.database.triggers`.
    The numbers have no order: equal numbers mean equal data, even after a backup was restored.
    """

    value = models.BigIntegerField()

    def __str__(self) -> str:
        return str(self.value)
