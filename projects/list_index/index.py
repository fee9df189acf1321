"""The snapshot of public records that the filters of projects use, in three queries."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import CharField, DateTimeField, F, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast
from django.utils import timezone

from partners.models import Country
from projects.list_index.facet_sets import AMOUNT_KIND, public_sets
from projects.models import AmountKind, Call, Priority, Topic
from psf.database.keysets import union
from psf.database.parameters import NOW
from psf.database.prepared import Prepared
from psf.lists.bitset_filterset import FacetSnapshot

# Facets with records as values, and the kind of record.
RECORDS = {
    "call": "call",
    "priority": "priority",
    "topic": "topic",
    "country": "country",
    "lead": "country",
}

NEVER = Cast(Value(None), DateTimeField())


class FacetRecord(NamedTuple):
    """A call, priority, topic or country."""

    kind: str
    key: str
    slug: str
    name: str
    closes: datetime | None


@dataclass(frozen=True)
class ProjectSnapshot(FacetSnapshot):
    """All public projects by facet; `countries` has code and name of a country by its slug."""

    countries: dict[str, tuple[str, str]]


def load_snapshot() -> ProjectSnapshot:
    """The current sets, and the records that public projects have as choices of each facet."""
    sets, records = public_sets(), _facet_records()
    calls = sorted((row for row in records if row.kind == "call"), key=_newest_first)
    values, choices = dict(sets.values), {}
    for facet, kind in RECORDS.items():
        by_key = sets.values[facet]
        rows = [row for row in records if row.kind == kind and row.key in by_key]
        rows = calls if facet == "call" else rows
        values[facet] = {row.slug: by_key.get(row.key, 0) for row in rows}
        choices[facet] = [(row.slug, row.name) for row in rows]
    years = {call.slug: str(timezone.localtime(call.closes).year) for call in calls if call.closes}
    values["year"] = {
        year: union(values["call"][slug] for slug, closed in years.items() if closed == year)
        for year in sorted({*years.values()}, reverse=True)
    }
    choices["year"] = [(year, year) for year in values["year"]]
    not_published = sets.everything & sets.of(AMOUNT_KIND, AmountKind.NOT_PUBLISHED)
    values["amount"] = {
        "published": sets.everything & ~not_published,
        "not_published": not_published,
    }
    countries = {row.slug: (row.key, row.name) for row in records if row.kind == "country"}
    return ProjectSnapshot(sets.everything, values, choices, countries)


def _newest_first(call: FacetRecord) -> tuple[bool, float, str]:
    """The sort key of calls. Calls without a known closing come first."""
    return (call.closes is not None, -call.closes.timestamp() if call.closes else 0, call.slug)


def _facet_records() -> list[FacetRecord]:
    """The public calls, and all priorities, topics and countries, sorted by name."""
    return sorted(map(FacetRecord._make, _facet_rows()), key=lambda row: row.name)


@Prepared
def _facet_rows() -> list[QuerySet]:
    terms = [("priority", Priority), ("topic", Topic), ("country", Country)]
    return [
        _rows(Call.objects.public(NOW), "call", "title", F("closes_at")),
        *(_rows(model._default_manager.all(), kind, "name") for kind, model in terms),
    ]


def _rows(records: QuerySet, kind: str, name: str, closes: Combinable = NEVER) -> QuerySet:
    """The records as rows for `FacetRecord`."""
    return records.order_by().values_list(
        Value(kind, output_field=CharField()),
        Cast("pk", CharField()),
        "slug",
        name,
        closes,
    )
