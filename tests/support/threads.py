"""Threads of tests."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any


class SameThread(Executor):
    """A pool whose work is done in the thread that asks: a test's database serves one thread."""

    def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future = Future[Any]()
        future.set_result(work(*args, **kwargs))
        return future
