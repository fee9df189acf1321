"""All that the filters of projects need to know of the public records, in three queries."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import CharField, DateTimeField, F, QuerySet, Value
from django.db.models.functions import Cast
from django.utils import timezone

from partners.models import Country
from projects.list_index import facet_sets as sets
from projects.models import Call, Priority, Topic
from psf.database.keysets import union
from psf.database.prepared import AT, Prepared
from psf.lists.bitset_filterset import FacetSnapshot

# Facets whose values are records, and of which kind; and whether an amount is published.
RECORDS = {
    "call": "call",
    "priority": "priority",
    "topic": "topic",
    "country": "country",
    "lead": "country",
}
AMOUNTS = {"published": "1", "not_published": "0"}

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


@dataclass(frozen=True)
class Whole(FacetSnapshot):
    """The whole list of projects; `countries` has the code and the name of each by its address."""

    countries: dict[str, tuple[str, str]]


def whole_list() -> Whole:
    """The sets as they are now, and of each kind of record those that public projects have."""
    now, known = timezone.now(), _known()
    calls = sorted((row for row in known if row.kind == "call"), key=_newest_first)
    days = {call.key: call.closing_day() for call in calls}
    found = sets.latest(now, days, timezone.localdate(now))
    values, choices = dict(found.values), {}
    for facet, kind in RECORDS.items():
        has = found.values[facet]
        rows = [row for row in known if row.kind == kind and row.key in has]
        rows = calls if facet == "call" else rows
        values[facet] = {row.slug: has.get(row.key, 0) for row in rows}
        choices[facet] = [(row.slug, row.name) for row in rows]
    years = {call.slug: str(timezone.localtime(call.closes).year) for call in calls if call.closes}
    values["year"] = {
        year: union(values["call"][slug] for slug, closed in years.items() if closed == year)
        for year in sorted({*years.values()}, reverse=True)
    }
    choices["year"] = [(year, year) for year in values["year"]]
    values["amount"] = {value: found.values["amount"].get(key, 0) for value, key in AMOUNTS.items()}
    countries = {row.slug: (row.key, row.name) for row in known if row.kind == "country"}
    return Whole(found.everything(), values, choices, countries)


def _newest_first(call: Known) -> tuple[bool, float, str]:
    """The order of calls; one whose closing is not known comes first."""
    return (call.closes is not None, -call.closes.timestamp() if call.closes else 0, call.slug)


def _known() -> list[Known]:
    """The public calls, and all priorities, topics and countries, by their names."""
    return sorted(map(Known._make, _known_rows()), key=lambda row: row.name)


@Prepared
def _known_rows() -> list[QuerySet]:
    terms = [("priority", Priority), ("topic", Topic), ("country", Country)]
    return [
        _rows(Call.objects.public(AT), "call", "title", closes=F("closes_at"), zone=F("time_zone")),
        *(_rows(model._default_manager.all(), kind, "name") for kind, model in terms),
    ]


def _rows(records: QuerySet, kind: str, name: str, **columns: F) -> Any:
    """The records as rows of `Known`, with nothing in the columns that are not given."""
    return records.order_by().values_list(
        Value(kind, output_field=CharField()),
        Cast("pk", CharField()),
        "slug",
        name,
        *({**NOTHING, **columns}).values(),
    )
