"""The data version, read so cheaply that every request can ask for it."""

from typing import Any, cast

from django.db import Error, connections

SQL = "SELECT value FROM psf_dataversion"


class VersionReader:
    """Reads over connections of its own, which stay open: Django's end with each request.

    A connection serves one thread at a time, whichever needs it next.
    """

    def __init__(self) -> None:
        self._idle: list[tuple[Any, Any]] = []

    def read(self) -> int | None:
        """The data version at this moment; None while it cannot be read, or nothing is there.

        It stands for what every later query finds: ask for it before the data, never after.
        """
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
            cursor.execute(SQL)
            rows = cursor.fetchall()
        except (Error, connection.Database.Error):
            end(connection)
            return None
        self._idle.append((connection, cursor))
        return rows[0][0] if rows else None

    def close(self) -> None:
        while self._idle:
            connection, _cursor = self._idle.pop()
            end(connection)


# One for the whole process: each connection to SQLite takes 2 MB.
versions = VersionReader()


def end(connection: Any) -> None:
    """Close it for good: Django's own closing leaves open what is in memory."""
    if connection.connection:
        connection.connection.close()
