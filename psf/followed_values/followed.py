"""A value in memory that follows the records."""

from collections.abc import Callable
from datetime import datetime
from typing import Generic, NamedTuple, TypeVar

from django.db import connection
from django.utils import timezone

from psf.caching.memo import cached_until_change
from psf.caching.scheduled_expiry import next_expiry
from psf.followed_values.changes import Changes, Position, current_position, read_changes

Value = TypeVar("Value")


class State(NamedTuple, Generic[Value]):
    """The value of a moment, and the position in the history that was read before."""

    value: Value
    position: Position
    moment: datetime


class Followed(Generic[Value]):
    """A value that is made once from all records, and then renewed by what changed.

    `make` returns the value at a moment. `renew` returns the value after changes, or None if only
    `make` can tell. Both read the records after the history, so a value is never older than its
    position. A change may be applied twice. After a scheduled moment a value is made again.
    Primary and replica have values of their own. Callers share the value and must not change it.
    """

    def __init__(
        self,
        make: Callable[[datetime], Value],
        renew: Callable[[Value, Changes, datetime], Value | None],
    ) -> None:
        self._make, self._renew = make, renew
        self._states: dict[str, State[Value]] = {}  # by database

    @cached_until_change.memoize
    def __call__(self) -> Value:
        """The value for readers, which is at most one second old."""
        return self.current()

    def current(self) -> Value:
        """The value now. Within a transaction, which may be rolled back, it is made and dropped."""
        now = timezone.now()
        if connection.in_atomic_block:
            return self._make(now)
        state, value = self._states.get(connection.alias), None
        if state:
            position, rows = read_changes(state.position)
            if rows is not None and state.moment <= now < next_expiry(state.moment):
                value = self._renew(state.value, Changes(rows), now)
        else:
            position = current_position()
        if value is None:
            value = self._make(now)
        self._states[connection.alias] = State(value, position, now)
        return value


def followed_records(make: Callable[[], Value], *kinds: str) -> Followed[Value]:
    """A value that is made again after a change of records of these kinds."""
    return Followed(
        lambda at: make(),
        lambda old, changes, at: None if any(map(changes.records_of, kinds)) else old,
    )
