"""A SQLite file that is replaced while the site runs, or that can be written again."""

import os
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper


class DatabaseFile(NamedTuple):
    device: int
    number: int
    is_writable: bool


# The file of each open connection, as the file was when the connection opened it.
_opened: WeakKeyDictionary[BaseDatabaseWrapper, DatabaseFile | None] = WeakKeyDictionary()


def database_file(connection: BaseDatabaseWrapper) -> DatabaseFile | None:
    """The file with the name of the database now; None without a file."""
    name = connection.settings_dict["NAME"]
    try:
        status = os.stat(name)
    except (OSError, TypeError):
        return None
    return DatabaseFile(status.st_dev, status.st_ino, os.access(name, os.W_OK))


def remember(sender: object, connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Receiver of `connection_created`."""
    if connection.vendor == "sqlite":
        _opened[connection] = database_file(connection)


def reopen_replaced(connection: BaseDatabaseWrapper) -> None:
    """Close the connection if another file has the name of its file.

    Also if the file could not be written before: SQLite never writes over such a connection.
    """
    opened = _opened.get(connection)
    if opened is None or connection.connection is None:
        return
    file = database_file(connection)
    if file is None or file[:2] != opened[:2] or file.is_writable > opened.is_writable:
        connection.close()


def reopen_current(sender: object, **kwargs: Any) -> None:
    """Receiver of `request_started`."""
    reopen_replaced(connections["default"])
