"""Statements that the server works at while Python prepares the next one.

    with behind():
        ...

Whoever writes much puts that within a transaction, around all that writes.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, cast

from django.db import connection

Step = Callable[[Any], None]


class _Behind:
    """A thread, and the one step that it takes at a time."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self.pool = pool
        self.step: Future[None] | None = None

    def take(self, step: Step) -> None:
        self.wait()
        # The driver's own cursor: Django's connections belong to one thread.
        self.step = self.pool.submit(step, cast(Any, connection).connection.cursor())

    def wait(self) -> None:
        step, self.step = self.step, None
        if step:
            with connection.wrap_database_errors:
                step.result()

    def before(self, execute: Callable[..., Any], *statement: Any) -> Any:
        """What Django does before each statement of its own."""
        self.wait()
        return execute(*statement)


_open: ContextVar[_Behind | None] = ContextVar("statements behind", default=None)


@contextmanager
def behind() -> Iterator[None]:
    """Within, a step of `run()` is taken while Python goes on, until the next statement.

    That one raises the error of the step, or the end does, when all steps are taken. No query may
    be read bit by bit meanwhile (`iterator()`): its next rows are fetched without waiting. SQLite
    works in this process: there nothing is gained.
    """
    if connection.vendor == "sqlite":
        yield
        return
    with ThreadPoolExecutor(1) as pool:
        steps = _Behind(pool)
        token = _open.set(steps)
        try:
            with connection.execute_wrapper(steps.before):
                yield
            steps.wait()
        finally:
            _open.reset(token)


def run(step: Step) -> None:
    """Take a step with a cursor, of which no rows are asked: at once, or behind."""
    if steps := _open.get():
        steps.take(step)
        return
    with connection.cursor() as cursor, connection.wrap_database_errors:
        step(cursor)
