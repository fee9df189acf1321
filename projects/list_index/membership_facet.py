"""The facets "all countries were members when the call closed" and "are members today".

Without a known closing day a project has no value in the first facet. The database stores the
memberships of the countries of each project in `Listing.memberships` (`projects.list_index.rows`).
"""

from datetime import date
from functools import lru_cache
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

THEN, NOW = "members_then", "members_now"
ALL, OTHERS = "all", "others"
CHOICES = [(ALL, _("all are member states")), (OTHERS, _("includes non-members"))]
NEVER = "-"


class Period(NamedTuple):
    """The period of a membership, including both days; None means no limit."""

    first: date | None
    last: date | None

    def holds_on(self, day: date) -> bool:
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


@lru_cache(maxsize=10_000)
def periods(memberships: str) -> list[list[Period]]:
    """The periods of membership of each country; countries with equal periods occur once."""
    return [
        [_period(text) for text in country.split(",") if text != NEVER]
        for country in memberships.split(";")
        if country
    ]


def _period(text: str) -> Period:
    first, last = [date.fromisoformat(day) if day else None for day in text.split("/")]
    return Period(first, last)


@lru_cache(maxsize=10_000)
def choice_on(day: date, memberships: str) -> str:
    """`ALL` if all countries were member states on that day, otherwise `OTHERS`."""
    for country in periods(memberships):
        if not any(period.holds_on(day) for period in country):
            return OTHERS
    return ALL
