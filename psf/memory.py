"""Sums over all records, worked out once for as long as they are true, and not for each visit."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from threading import Lock
from typing import Any, ParamSpec, TypeVar

from django.db import connection
from django.utils import timezone

from projects.moments import next_change
from psf.models import DataVersion

P = ParamSpec("P")
T = TypeVar("T")


class Memory:
    """What was worked out of one version of the data, up to the moment that changes it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._version: int | None = None
        self._until = datetime.min.replace(tzinfo=UTC)
        self._kept: dict[Any, Any] = {}

    def recall(self, key: Any, work: Callable[[], T]) -> T:
        """What is kept under that key, or else what `work` gives; one works, others wait.

        Inside a transaction nothing is kept: it may see what is never committed.
        """
        if connection.in_atomic_block:
            return work()
        # The version before the data: what comes between makes the next visitor work again.
        version, now = DataVersion.objects.values_list("value", flat=True).first(), timezone.now()
        with self._lock:
            if version is None or version != self._version or self._until <= now:
                self._version, self._until, self._kept = version, next_change(now), {}
            if key not in self._kept:
                self._kept[key] = work()
            return self._kept[key]


MEMORY = Memory()


def remembered(work: Callable[P, T]) -> Callable[P, T]:
    """Remember what the function gives for each of its arguments, which are few and hashable.

    Callers share what it gives, so they must not change it.
    """

    @wraps(work)
    def recalled(*args: P.args, **kwargs: P.kwargs) -> T:
        key = (work.__module__, work.__qualname__, args, *kwargs.items())
        return MEMORY.recall(key, lambda: work(*args, **kwargs))

    return recalled
