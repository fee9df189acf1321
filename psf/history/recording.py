"""Names the account and the channel of the changes made in a block of code.

    with recording.change_set(user, channel=Channel.IMPORT, reason="water.csv"):
        ...

The database writes the changes themselves; see `psf.history.triggers`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import cast

from django.contrib.auth.models import AnonymousUser, User
from django.db import connection, transaction

from psf.audit.models import Kind
from psf.audit.recording import record_event
from psf.database.sql import for_database
from psf.history.models import ChangeSet, Channel
from psf.history.triggers import TRIGGERS

REASON_LENGTH = 500
AUDITED = {Channel.PUBLICATION: Kind.PUBLICATION, Channel.IMPORT: Kind.IMPORT}

Account = User | AnonymousUser

_open: ContextVar[ChangeSet | None] = ContextVar("open change set", default=None)


@contextmanager
def change_set(user: Account | None, *, channel: Channel, reason: str = "") -> Iterator[ChangeSet]:
    """Record all changes in the block as one set, in one transaction.

    `user` is the account that makes the changes, None for a command. Inside another block the
    changes belong to the outer set. An outer set without a reason takes the reason given here. A
    set without changes is deleted, unless it undoes another set.
    """
    if outer := _open.get():
        if reason and not outer.reason:
            outer.reason = reason[:REASON_LENGTH]
            outer.save(update_fields=["reason"])
        yield outer
        return
    with transaction.atomic():
        current = ChangeSet.objects.create(
            user=cast(User | None, user),
            who=account_name(user),
            channel=channel,
            reason=reason[:REASON_LENGTH],
        )
        token = _open.set(current)
        try:
            sql = for_database(TRIGGERS)
            with connection.cursor() as cursor:
                cursor.execute(sql.enter, [current.pk])
            yield current
            with connection.cursor() as cursor:
                cursor.execute(sql.leave)
        finally:
            _open.reset(token)
        if current.undoes is None and not current.changes.exists():
            current.delete()
        elif kind := AUDITED.get(channel):
            record = current.changes.values_list("record_kind", "record_key").first()
            record_event(kind, user, " ".join([*(record or ()), reason]))


def account_name(user: Account | None) -> str:
    """Return the name of an account for the history: the full name if given; "" for None."""
    account = cast(User | None, user)
    return (account.get_full_name() or account.get_username()) if account else ""
