"""Values that are expensive to compute and the same for every reader, cached until data change."""

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Hashable
from functools import partial, wraps
from threading import Lock
from typing import Any, ParamSpec, TypeVar, cast

from django.db import connection
from django.utils import timezone

from psf.caching.data_version import versions
from psf.caching.scheduled_expiry import next_expiry

MAX_VALUES = 500

P = ParamSpec("P")
Value = TypeVar("Value")


class Stored:
    """The values of one data version of a database, until the next scheduled change of pages."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.values: OrderedDict[Hashable, Any] = OrderedDict()
        self.version: int | None = None
        self.made_at = self.expires_at = timezone.now()

    def drop_outdated(self, version: int) -> None:
        with self.lock:
            now = timezone.now()
            # A clock that was ahead and is put right drops the values of the future.
            if self.version == version and self.made_at <= now < self.expires_at:
                return
        expires_at = next_expiry(now)
        with self.lock:
            self.values.clear()
            self.version, self.made_at, self.expires_at = version, now, expires_at


class Memo:
    """The values of one data version, until the next scheduled change of public pages.

    Values of a version are at most one second older than the data. The least recently used values
    above `max_values` are dropped. Primary and replica have values of their own. Callers share the
    values and must not change them.
    """

    def __init__(self, max_values: int = MAX_VALUES) -> None:
        self.max_values = max_values
        self.versions = versions
        self._stored = defaultdict[str, Stored](Stored)  # by database

    def __call__(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """The value of the key, computed by `make` if it is not cached."""
        # Within a transaction the data may be newer than the version, which other readers see.
        version = None if connection.in_atomic_block else self.versions.read()
        if version is None:
            return make()
        stored = self._stored[connection.alias]
        stored.drop_outdated(version)
        with stored.lock:
            if stored.version == version and key in stored.values:
                stored.values.move_to_end(key)
                return cast(Value, stored.values[key])
        value = make()
        with stored.lock:
            if stored.version == version:
                stored.values[key] = value
                while len(stored.values) > self.max_values:
                    stored.values.popitem(last=False)
        return value

    def memoize(self, function: Callable[P, Value]) -> Callable[P, Value]:
        """Cache what a function returns for its arguments, which must be hashable."""

        @wraps(function)
        def memoized(*args: P.args, **kwargs: P.kwargs) -> Value:
            key = (function.__module__, function.__qualname__, args, *kwargs.items())
            return self(key, partial(function, *args, **kwargs))

        return memoized


cached_until_change = Memo()
