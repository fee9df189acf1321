"""What is dear to count and the same for every reader, remembered while it is true."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from datetime import datetime
from functools import partial, wraps
from threading import Lock
from typing import Any, Generic, ParamSpec, TypeVar

from django.db import connection
from django.utils import timezone

from psf.caching.data_version import versions
from psf.caching.expiry import next_expiry

MOST = 500

P = ParamSpec("P")
Value = TypeVar("Value")


class Memory:
    """Values of one data version, until the next moment at which readers see something else.

    Of more than `most` those go first that were not asked for the longest. Nobody may change
    what is given out: others are given the same.
    """

    def __init__(self, most: int = MOST) -> None:
        self.most = most
        self.versions = versions
        self._lock = Lock()
        self._values: OrderedDict[Hashable, Any] = OrderedDict()
        self._version: int | None = None
        self._until: datetime | None = None

    def __call__(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """The value of that name, made now if it is not known."""
        # Within a transaction the data may be ahead of the version, which others see.
        version = None if connection.in_atomic_block else self.versions.read()
        if version is None:
            return make()
        self._forget_what_is_old(version)
        with self._lock:
            if self._version == version and key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        value = make()
        with self._lock:
            if self._version == version:
                self._values[key] = value
                while len(self._values) > self.most:
                    self._values.popitem(last=False)
        return value

    def each(self, work: Callable[P, Value]) -> Callable[P, Value]:
        """Remember what a function gives for each of its arguments, which are hashable."""

        @wraps(work)
        def recalled(*args: P.args, **kwargs: P.kwargs) -> Value:
            key = (work.__module__, work.__qualname__, args, *kwargs.items())
            return self(key, partial(work, *args, **kwargs))

        return recalled

    def _forget_what_is_old(self, version: int) -> None:
        now = timezone.now()
        with self._lock:
            if self._version == version and self._until and now < self._until:
                return
        until = next_expiry(now)
        with self._lock:
            self._values.clear()
            self._version, self._until = version, until


cached_until_change = Memory()


class Latest(Generic[Value]):
    """The latest of what is made, each time, of the one before.

    Within a transaction what is read may never be there for others: all is made anew, for it alone.
    """

    def __init__(self) -> None:
        self._value: Value | None = None

    def renewed(self, make: Callable[[Value | None], Value]) -> Value:
        if connection.in_atomic_block:
            return make(None)
        self._value = made = make(self._value)
        return made
