"""Values that are expensive to compute and the same for every reader, cached until data change."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import partial, wraps
from threading import Lock
from typing import Any, ParamSpec, TypeVar

from django.db import connection
from django.utils import timezone

from psf.caching.data_version import versions
from psf.caching.expiry import next_expiry

MAX_VALUES = 500

P = ParamSpec("P")
Value = TypeVar("Value")


class Memo:
    """The values of one data version, until the next scheduled change of public pages.

    Values of a version are at most one second older than the data. The least recently used values
    above `max_values` are dropped. Callers share the values and must not change them.
    """

    def __init__(self, max_values: int = MAX_VALUES) -> None:
        self.max_values = max_values
        self.versions = versions
        self._lock = Lock()
        self._values: OrderedDict[Hashable, Any] = OrderedDict()
        self._version: int | None = None
        self._made_at = self._expires_at = timezone.now()

    def __call__(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """The value of the key, computed by `make` if it is not cached."""
        # Within a transaction the data may be newer than the version, which other readers see.
        version = None if connection.in_atomic_block else self.versions.read()
        if version is None:
            return make()
        self._drop_outdated(version)
        with self._lock:
            if self._version == version and key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        value = make()
        with self._lock:
            if self._version == version:
                self._values[key] = value
                while len(self._values) > self.max_values:
                    self._values.popitem(last=False)
        return value

    def memoize(self, function: Callable[P, Value]) -> Callable[P, Value]:
        """Cache what a function returns for its arguments, which must be hashable."""

        @wraps(function)
        def memoized(*args: P.args, **kwargs: P.kwargs) -> Value:
            key = (function.__module__, function.__qualname__, args, *kwargs.items())
            return self(key, partial(function, *args, **kwargs))

        return memoized

    def _drop_outdated(self, version: int) -> None:
        with self._lock:
            now = timezone.now()
            # A clock that was ahead and is put right drops the values of the future.
            if self._version == version and self._made_at <= now < self._expires_at:
                return
        expires_at = next_expiry(now)
        with self._lock:
            self._values.clear()
            self._version, self._made_at, self._expires_at = version, now, expires_at


cached_until_change = Memo()
