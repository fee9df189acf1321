"""Whether all countries of a project were member states when its call closed, and are today.

A project with a country that was no member is told apart from one without. Where the closing of
its call is not known, neither is said of that day. When the countries of a project were members,
the database keeps beside it (`Listing.memberships`, `projects.listing_rows`).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

THEN, NOW = "members_then", "members_now"
ALL, OTHERS = "all", "others"
CHOICES = [(ALL, _("all are member states")), (OTHERS, _("some are no member states"))]
NEVER = "-"

# The day on which the countries are judged, by the keys of calls; None where it is not known.
Days = Mapping[str, date | None]


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


def narrowed(rows: QuerySet, days: Days, known: Iterable[str], values: Collection[str]) -> QuerySet:
    """The listings for which any of the values holds; `known` is all that `memberships` can be."""
    calls: dict[frozenset[str], list[str]] = defaultdict(list)
    for call, day in days.items():
        if day:
            fitting = frozenset(one for one in known if judged(one, day) in values)
            calls[fitting].append(call)
    wanted = Q(pk__in=[])
    for fitting, keys in calls.items():
        wanted |= Q(call__in=keys, memberships__in=fitting)
    return rows.filter(wanted)
