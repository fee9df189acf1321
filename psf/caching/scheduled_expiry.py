"""When the pages of readers change next although no data change."""

from collections.abc import Callable
from datetime import datetime

# A function that returns the first moment after another at which a page changes.
Schedule = Callable[[datetime], datetime]
SCHEDULES: list[Schedule] = []


def register(schedule: Schedule) -> None:
    """Add a schedule: cached pages and values expire at its moments."""
    SCHEDULES.append(schedule)


def next_expiry(now: datetime) -> datetime:
    """The first moment after `now` in any registered schedule."""
    return min(schedule(now) for schedule in SCHEDULES)
