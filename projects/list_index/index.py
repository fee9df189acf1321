"""The snapshot of public records that the filters of projects use."""

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
from psf.counts.changes import Changes
from psf.counts.followed import Followed
from psf.database.keysets import union
from psf.database.prepared import Prepared
from psf.lists.facet_snapshot import FacetSnapshot

MODELS = {"call": Call, "priority": Priority, "topic": Topic, "country": Country}
# Facets with records as values, besides the call, and the kind of record.
TERMS = {"priority": "priority", "topic": "topic", "country": "country", "lead": "country"}

NEVER = Cast(Value(None), DateTimeField())


class FacetRecord(NamedTuple):
    """A call, priority, topic or country."""

    kind: str
    key: str
    slug: str
    name: str
    published: datetime | None
    closes: datetime | None


@dataclass(frozen=True)
class ProjectSnapshot(FacetSnapshot):
    """All public projects by facet; `countries` has code and name of a country by its slug."""

    countries: dict[str, tuple[str, str]]


def load_snapshot() -> ProjectSnapshot:
    """The current sets, and the records that public projects have as choices of each facet."""
    sets, records, now = public_sets(), _records.current(), timezone.now()
    values, choices = dict(sets.values), {}
    for facet, kind in TERMS.items():
        by_key = sets.values[facet]
        used = [row for row in records[kind] if row.key in by_key]
        values[facet] = {row.slug: by_key[row.key] for row in used}
        choices[facet] = [(row.slug, row.name) for row in used]
    calls = [row for row in records["call"] if row.published and row.published <= now]
    values["call"] = {call.slug: sets.of("call", call.key) for call in calls}
    choices["call"] = [(call.slug, call.name) for call in sorted(calls, key=_newest_first)]
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
    countries = {row.slug: (row.key, row.name) for row in records["country"]}
    return ProjectSnapshot(sets.everything, values, choices, countries)


def _newest_first(call: FacetRecord) -> tuple[bool, float, str]:
    """The sort key of calls. Calls without a known closing come first."""
    return (call.closes is not None, -call.closes.timestamp() if call.closes else 0, call.slug)


def _read_records(at: datetime) -> dict[str, list[FacetRecord]]:
    """All calls, priorities, topics and countries by kind, sorted by name."""
    rows = sorted(map(FacetRecord._make, _record_rows()), key=lambda row: row.name)
    return {kind: [row for row in rows if row.kind == kind] for kind in MODELS}


def _renew_records(
    old: dict[str, list[FacetRecord]], changes: Changes
) -> dict[str, list[FacetRecord]] | None:
    kinds = [model._meta.label_lower for model in MODELS.values()]
    return None if any(changes.records_of(kind) for kind in kinds) else old


_records = Followed(_read_records, _renew_records)


@Prepared
def _record_rows() -> list[QuerySet]:
    terms = [("priority", Priority), ("topic", Topic), ("country", Country)]
    return [
        _rows(Call.objects.all(), "call", "title", F("published_at"), F("closes_at")),
        *(_rows(model._default_manager.all(), kind, "name") for kind, model in terms),
    ]


def _rows(
    records: QuerySet,
    kind: str,
    name: str,
    published: Combinable = NEVER,
    closes: Combinable = NEVER,
) -> QuerySet:
    """The records as rows for `FacetRecord`."""
    return records.order_by().values_list(
        Value(kind, output_field=CharField()),
        Cast("pk", CharField()),
        "slug",
        name,
        published,
        closes,
    )
