"""A SQLite file that an operator replaces while the site runs, for example from a backup."""

import os
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

Identity = tuple[int, int]

# The file that each open connection reads.
_opened: WeakKeyDictionary[BaseDatabaseWrapper, Identity | None] = WeakKeyDictionary()


def identity(connection: BaseDatabaseWrapper) -> Identity | None:
    """The device and number of the file now; None without a file."""
    try:
        status = os.stat(connection.settings_dict["NAME"])
    except (OSError, TypeError):
        return None
    return status.st_dev, status.st_ino


def remember(sender: object, connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Receiver of `connection_created`."""
    if connection.vendor == "sqlite":
        _opened[connection] = identity(connection)


def reopen_replaced(connection: BaseDatabaseWrapper) -> None:
    """Close the connection if another file has the name of its file."""
    file = _opened.get(connection)
    if file and connection.connection is not None and identity(connection) != file:
        connection.close()


def reopen_current(sender: object, **kwargs: Any) -> None:
    """Receiver of `request_started`."""
    reopen_replaced(connections["default"])
