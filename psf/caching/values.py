"""Values that are the same for all readers, made once for each data version."""

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Hashable
from datetime import datetime
from functools import wraps
from threading import Lock, RLock
from typing import Any, Generic, NamedTuple, ParamSpec, TypeVar, cast

from django.db import Error, connection
from django.utils import timezone

from psf.caching.data_version import versions

P = ParamSpec("P")
Value = TypeVar("Value")

# Key sets, orders and numbers. The least recently used values above this number are dropped.
MAX_VALUES = 300
# A function that returns the first moment after another at which pages change without a write.
Schedule = Callable[[datetime], datetime]
SCHEDULES: list[Schedule] = []


def register(schedule: Schedule) -> None:
    """Add a schedule: cached pages and values expire at its moments."""
    SCHEDULES.append(schedule)


def next_expiry(now: datetime) -> datetime:
    """The first moment after `now` in any registered schedule."""
    return min(schedule(now) for schedule in SCHEDULES)


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


_stores = defaultdict[str, VersionedStore[tuple[Any]]](lambda: VersionedStore(MAX_VALUES))


def at_each_version(make: Callable[P, Value]) -> Callable[P, Value]:
    """Keep what a function returns for its arguments until the data change.

    A value is made when a reader first asks at a data version, once in a process, and kept until
    the next version or scheduled moment. Within a transaction nothing is kept. Primary and replica
    have values of their own. Values hold keys and numbers, and callers must not change them: texts
    are read from the database through `public()`, where a key may have no row any more.
    """
    locks = defaultdict[str, Any](RLock)  # by database

    @wraps(make)
    def value(*args: P.args, **kwargs: P.kwargs) -> Value:
        if connection.in_atomic_block or versions.read() is None:
            return make(*args, **kwargs)
        store, key = _stores[connection.alias], (make, args, *kwargs.items())
        with locks[connection.alias]:
            version = versions.read()
            stored_value = store.get(key, version)
            if stored_value is None:
                period = store.current_period(version)
                stored_value = (make(*args, **kwargs),)
                store.put(key, stored_value, period)
        return cast(Value, stored_value[0])

    return value
