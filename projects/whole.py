"""All that the filters of projects need to know of the public records, in two queries."""

from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import CharField, DateTimeField, F, QuerySet, Value
from django.db.models.functions import Cast
from django.utils import timezone

from partners.models import Country

from . import facets
from .models import Call, Priority, Topic
from .standing import NOW, THEN, Days

# What stands in the columns that a kind of record has not.
NOTHING: dict[str, Any] = {
    "closes": Cast(Value(None), DateTimeField()),
    "zone": Value("", output_field=CharField()),
}


class Known(NamedTuple):
    """A call, priority, topic or country."""

    kind: str
    key: str
    slug: str
    name: str
    closes: datetime | None
    zone: str

    def closing_day(self) -> date | None:
        return Call(closes_at=self.closes, time_zone=self.zone).closing_day()


class Whole(NamedTuple):
    """The whole public list: its counts, the choices of each facet, and the keys of values.

    `calls` has the address and year of each call by its key; `days` its closing day and today,
    by the facets of membership.
    """

    counted: facets.Counted
    choices: dict[str, list[tuple[str, str]]]
    keys: dict[str, dict[str, Any]]
    calls: dict[str, tuple[str, str]]
    days: dict[str, Days]

    def memberships(self) -> set[str]:
        """All that is said of the memberships of the countries of some project."""
        return {memberships for _call, memberships in self.counted.members[NOW]}


def whole_list() -> Whole:
    """Count, and offer of each kind of record those that public projects have."""
    now, known = timezone.now(), _known()
    calls = sorted((row for row in known if row.kind == "call"), key=_newest_first)
    counted = facets.count_all(now)
    years = {call.key: _year(call) for call in calls}
    keys: dict[str, dict[str, Any]] = {"priority": {}, "topic": {}, "country": {}}
    choices = {"call": [(call.slug, call.name) for call in calls]}
    choices["year"] = [
        (year, year) for year in sorted(set(filter(None, years.values())), reverse=True)
    ]
    for kind, found in keys.items():
        rows = [row for row in known if row.kind == kind and row.key in counted.several[kind]]
        found |= {row.slug: row.key for row in rows}
        choices[kind] = _choices(rows)
    leads = [row for row in known if row.kind == "country" and row.key in counted.several["lead"]]
    choices["lead"] = _choices(leads)
    days: dict[str, Days] = {
        THEN: {call.key: call.closing_day() for call in calls},
        NOW: dict.fromkeys(years, timezone.localdate(now)),
    }
    return Whole(
        counted, choices, keys, {call.key: (call.slug, years[call.key]) for call in calls}, days
    )


def _choices(rows: list[Known]) -> list[tuple[str, str]]:
    return list(dict.fromkeys((row.slug, row.name) for row in rows))


def _year(call: Known) -> str:
    return str(timezone.localtime(call.closes).year) if call.closes else ""


def _newest_first(call: Known) -> tuple[bool, float, str]:
    """The order of calls; one whose closing is not known comes first."""
    return (call.closes is not None, -call.closes.timestamp() if call.closes else 0, call.slug)


def _known() -> list[Known]:
    """The public calls, and all priorities, topics and countries, by their names."""
    calls = _rows(
        Call.objects.public(), "call", "title", closes=F("closes_at"), zone=F("time_zone")
    )
    terms = [
        _rows(model._default_manager.all(), kind, "name")
        for kind, model in [("priority", Priority), ("topic", Topic), ("country", Country)]
    ]
    rows = calls.union(*terms, all=True)
    return sorted(map(Known._make, rows), key=lambda row: row.name)


def _rows(records: QuerySet, kind: str, name: str, **columns: F) -> Any:
    """The records as rows of `Known`, with nothing in the columns that are not given."""
    return records.order_by().values_list(
        Value(kind, output_field=CharField()),
        Cast("pk", CharField()),
        "slug",
        name,
        *({**NOTHING, **columns}).values(),
    )
