"""The data version, read so cheaply that every request can ask for it."""

from time import monotonic
from typing import Any, cast

from django.db import Error, connections

from psf.caching.version_triggers import LEASE

# The version, and whether PostgreSQL gives a lease on it.
SQL = {
    "sqlite": "SELECT value, FALSE FROM psf_dataversion",
    "postgresql": "SELECT value, leased FROM psf_leased_version()",
}


class VersionReader:
    """Reads over connections of its own, which stay open: Django's end with each request.

    A connection serves one thread at a time, whichever needs it next. On PostgreSQL a version is
    read under a lease, where no change is about to be saved: it stands for as long as the lease.
    """

    def __init__(self) -> None:
        self._idle: list[tuple[Any, Any]] = []
        self._lease: tuple[int | None, float] = (None, 0)

    def read(self) -> int | None:
        """The data version at this moment; None while it cannot be read, or nothing is there.

        It stands for what every later query finds: ask for it before the data, never after.
        """
        version, until = self._lease
        asked = monotonic()  # before the database could give a lease
        if asked < until:
            return version
        try:
            connection, cursor = self._idle.pop()
        except IndexError:
            connection, cursor = cast(Any, connections["default"].copy()), None
            connection.inc_thread_sharing()
        try:
            if cursor is None:
                connection.connect()
                # The driver's own: Django's wrapping costs more than the query.
                cursor = connection.connection.cursor()
            cursor.execute(SQL[connection.vendor])
            rows = cursor.fetchall()
        except (Error, connection.Database.Error):
            end(connection)
            return None
        self._idle.append((connection, cursor))
        version, leased = rows[0] if rows else (None, False)
        if leased:
            self._lease = version, asked + LEASE
        return version

    def close(self) -> None:
        self._lease = None, 0
        while self._idle:
            connection, _cursor = self._idle.pop()
            end(connection)


# One for the whole process: each connection to SQLite takes 2 MB.
versions = VersionReader()


def end(connection: Any) -> None:
    """Close it for good: Django's own closing leaves open what is in memory."""
    if connection.connection:
        connection.connection.close()
