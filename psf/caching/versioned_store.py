"""A store of values that are valid for one data version, until the next scheduled moment."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from datetime import datetime
from threading import Lock
from typing import Generic, NamedTuple, TypeVar

from django.db import Error
from django.utils import timezone

from psf.caching.scheduled_expiry import next_expiry

Value = TypeVar("Value")


class Period(NamedTuple):
    """A time without a new data version and without a scheduled moment."""

    version: int | None
    start: datetime
    end: datetime

    def is_current(self, version: int | None) -> bool:
        # A clock that was ahead and is put right ends a period of the future.
        return self.version == version and self.start <= timezone.now() < self.end


class VersionedStore(Generic[Value]):
    """Values of one period. The least recently used values above `max_size` are dropped.

    `size_of` returns the size of a value. Without this function, the size is the number of values.
    """

    def __init__(self, max_size: int, size_of: Callable[[Value], int] = lambda value: 1) -> None:
        self.max_size = max_size
        self.size = 0
        self._size_of = size_of
        self._values: OrderedDict[Hashable, Value] = OrderedDict()
        self._period = Period(None, timezone.now(), timezone.now())
        self._lock = Lock()

    def get(self, key: Hashable, version: int | None) -> Value | None:
        """The value of the key, if it was stored in the current period of this version."""
        with self._lock:
            if key not in self._values or not self._period.is_current(version):
                return None
            self._values.move_to_end(key)
            return self._values[key]

    def current_period(self, version: int | None) -> Period | None:
        """The period of values that are made from now on; None if its version or end is unknown.

        A new period empties the store.
        """
        if version is None:
            return None
        period = self._period
        if not period.is_current(version):
            now = timezone.now()
            try:
                period = Period(version, now, next_expiry(now))
            except Error:
                return None
            with self._lock:
                self._values.clear()
                self.size, self._period = 0, period
        return period

    def put(self, key: Hashable, value: Value, period: Period | None) -> None:
        """Store a value that was made in the period, unless another period has begun."""
        with self._lock:
            if period is not self._period or key in self._values:
                return
            self._values[key] = value
            self.size += self._size_of(value)
            while self.size > self.max_size:
                _key, dropped = self._values.popitem(last=False)
                self.size -= self._size_of(dropped)
