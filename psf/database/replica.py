"""The database that a thread asks: the primary, or its replica at DATABASE_REPLICA_URL.

Each thread has connections of its own, and all queries use the connection "default". A thread
that asks the replica has the connection of the replica in this place.
"""

from threading import local

from django.db import DEFAULT_DB_ALIAS, connection, connections

REPLICA = "replica"
_replaced = local()


def use_database(alias: str) -> None:
    """From now on, this thread asks the primary ("default") or the replica ("replica")."""
    if connection.alias == alias:
        return
    if alias == REPLICA:
        _replaced.primary = connections[DEFAULT_DB_ALIAS]
        connections[DEFAULT_DB_ALIAS] = connections[REPLICA]
    else:
        connections[DEFAULT_DB_ALIAS] = _replaced.primary
