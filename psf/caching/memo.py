"""Values that are expensive to compute and the same for every reader, cached until data change."""

from collections import defaultdict
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

from django.db import connection

from psf.caching.data_version import versions
from psf.caching.versioned_store import VersionedStore

P = ParamSpec("P")
Value = TypeVar("Value")


class Memo:
    """The values of one data version, until the next scheduled change of public pages.

    Values of a version are at most one second older than the data. The least recently used values
    above `max_values` are dropped. Primary and replica have values of their own. Callers share the
    values and must not change them.
    """

    def __init__(self, max_values: int) -> None:
        self.versions = versions
        self._stores = defaultdict[str, VersionedStore[tuple[Any]]](  # by database
            lambda: VersionedStore(max_values)
        )

    def memoize(self, function: Callable[P, Value]) -> Callable[P, Value]:
        """Cache what a function returns for its arguments, which must be hashable."""

        @wraps(function)
        def memoized(*args: P.args, **kwargs: P.kwargs) -> Value:
            # Within a transaction the data may be newer than the version, which other readers see.
            version = None if connection.in_atomic_block else self.versions.read()
            store, key = self._stores[connection.alias], (function, args, *kwargs.items())
            stored = store.get(key, version)
            if stored is None:
                period = store.current_period(version)
                stored = (function(*args, **kwargs),)
                store.put(key, stored, period)
            return cast(Value, stored[0])

        return memoized


cached_until_change = Memo(max_values=500)
