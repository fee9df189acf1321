"""Frees threads that wait for a PostgreSQL server that has stopped answering.

The timeouts of PostgreSQL are measured by the server. A frozen server measures nothing, and the
driver would wait for the answer without end.
"""

import os
import socket
from collections.abc import Callable
from threading import Lock, Thread
from time import monotonic, sleep
from typing import Any
from weakref import WeakSet

from django.db import Error, connections
from django.db.backends.base.base import BaseDatabaseWrapper

SECONDS = 5


def server_answers(alias: str) -> bool:
    """Whether a new connection gets an answer within the `connect_timeout`."""
    connection = connections[alias].copy()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return True
    except Error:
        return False
    finally:
        connection.close()


def is_waiting(driver: Any) -> bool:
    """Whether a query of the connection has no answer yet."""
    from psycopg2.extensions import TRANSACTION_STATUS_ACTIVE

    return not driver.closed and driver.info.transaction_status == TRANSACTION_STATUS_ACTIVE


def hang_up(driver: Any) -> None:
    """End the connection from outside: its thread gets an error instead of an answer."""
    with socket.socket(fileno=os.dup(driver.fileno())) as line:
        line.shutdown(socket.SHUT_RDWR)


class Watchdog:
    """Hangs up connections that wait for SECONDS while the server answers nobody."""

    def __init__(self, answers: Callable[[str], bool] = server_answers) -> None:
        self._answers = answers
        self._connections: WeakSet[BaseDatabaseWrapper] = WeakSet()
        self._lock = Lock()
        self._process = 0
        self._waiting_since: dict[Any, float] = {}

    def add(self, sender: object, connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
        """Receiver of `connection_created`."""
        if connection.vendor != "postgresql":
            return
        with self._lock:
            self._connections.add(connection)
            if self._process != os.getpid():  # no thread survives a fork
                self._process = os.getpid()
                Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            sleep(1)
            self.check()

    def check(self) -> None:
        with self._lock:
            aliases = {
                connection.connection: connection.alias
                for connection in self._connections
                if connection.connection is not None
            }
        now = monotonic()
        self._waiting_since = {
            driver: self._waiting_since.get(driver, now) for driver in filter(is_waiting, aliases)
        }
        stuck = [driver for driver, since in self._waiting_since.items() if now - since >= SECONDS]
        asked = {aliases[driver] for driver in stuck}
        silent = {alias for alias in asked if not self._answers(alias)}
        for driver in filter(is_waiting, stuck):
            if aliases[driver] in silent:
                hang_up(driver)
