"""Whether all countries of a project were member states when its call closed, and are today.

A project with a country that was no member is told apart from one without. Where the closing of
its call is not known, neither is said of that day. When the countries of a project were members,
the database keeps beside it (`Listing.memberships`, `projects.list_index.rows`).
"""

from datetime import date
from functools import lru_cache
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

THEN, NOW = "members_then", "members_now"
ALL, OTHERS = "all", "others"
CHOICES = [(ALL, _("all are member states")), (OTHERS, _("some are no member states"))]
NEVER = "-"


class Period(NamedTuple):
    """The time of a membership, both days included; None does not limit."""

    first: date | None
    last: date | None

    def holds_on(self, day: date) -> bool:
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


@lru_cache(maxsize=10_000)
def periods(memberships: str) -> list[list[Period]]:
    """What `Listing.memberships` says: the times of each country as a member, equal ones once."""
    return [
        [_period(text) for text in held.split(",") if text != NEVER]
        for held in memberships.split(";")
        if held
    ]


def _period(text: str) -> Period:
    first, last = [date.fromisoformat(day) if day else None for day in text.split("/")]
    return Period(first, last)


@lru_cache(maxsize=10_000)
def judged(memberships: str, day: date) -> str:
    """Whether all those countries were member states on that day, as a choice says it."""
    held = periods(memberships)
    return ALL if all(any(one.holds_on(day) for one in country) for country in held) else OTHERS
