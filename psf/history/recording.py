"""Who changes what: the one thing that everything which writes records says.

    with changes.by(user, door=Door.IMPORT, reason="water.csv"):
        ...

The changes themselves are written by the database; see `psf.history.triggers`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import connection, transaction

from psf.history.models import ChangeSet

REASON_LENGTH = 500

_open: ContextVar[ChangeSet | None] = ContextVar("open change set", default=None)

ENTER = {
    "sqlite": "INSERT INTO history_current (change_set_id) VALUES (%s)",
    "postgresql": "SELECT set_config('psf.change_set', %s::text, true)",
}
LEAVE = {
    "sqlite": "DELETE FROM history_current",
    "postgresql": "SELECT set_config('psf.change_set', '', true)",
}


@contextmanager
def by(user: Any, *, door: str, reason: str = "") -> Iterator[ChangeSet]:
    """All changes within belong to one set: all of them are made, or none on an error.

    `user` is the account of whoever makes them, None for a command. Inside another `by()` the
    changes belong to the outer set, which takes the reason if it has none. A set in which
    nothing was changed is not kept, unless it undid one that came to nothing.
    """
    if outer := _open.get():
        if reason and not outer.reason:
            outer.reason = reason[:REASON_LENGTH]
            outer.save(update_fields=["reason"])
        yield outer
        return
    with transaction.atomic():
        change_set = ChangeSet.objects.create(
            user=user, who=name_of(user), door=door, reason=reason[:REASON_LENGTH]
        )
        token = _open.set(change_set)
        try:
            _execute(ENTER, [change_set.pk])
            yield change_set
            _execute(LEAVE)
        finally:
            _open.reset(token)
        if change_set.undoes is None and not change_set.changes.exists():
            change_set.delete()


def name_of(user: Any) -> str:
    """The name of an account as the history keeps it; "" for none."""
    return (user.get_full_name() or user.get_username()) if user else ""


def _execute(sql: dict[str, str], params: list[Any] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql[connection.vendor], params)
