"""The snapshot of public records that the filters of projects use."""

from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple

from django.db.models import CharField, Value
from django.db.models.functions import Cast
from django.utils import timezone

from partners.models import Country
from projects.list_index.facet_sets import ProjectSets, public_sets
from projects.list_index.public_calls import load_public_calls
from projects.models import AmountKind, Priority, Topic
from psf.database.keysets import union
from psf.followed_values.followed import followed_records
from psf.lists.facet_snapshot import FacetSnapshot

MODELS = {"priority": Priority, "topic": Topic, "country": Country}
# Facets with terms as values, and the kind of term.
TERMS = {"priority": "priority", "topic": "topic", "country": "country", "lead": "country"}


class FacetTerm(NamedTuple):
    """A priority, topic or country."""

    key: str
    slug: str
    name: str


@dataclass(frozen=True)
class ProjectSnapshot(FacetSnapshot):
    """All public projects by facet; `countries` has code and name of a country by its slug."""

    countries: dict[str, tuple[str, str]]
    projects: ProjectSets


def load_snapshot() -> ProjectSnapshot:
    """The current sets, and the records that public projects have as choices of each facet."""
    sets, terms, calls = public_sets(), _terms.current(), load_public_calls()
    values, choices = dict(sets.values), {}
    for facet, kind in TERMS.items():
        by_key = sets.values[facet]
        used = [term for term in terms[kind] if term.key in by_key]
        values[facet] = {term.slug: by_key[term.key] for term in used}
        choices[facet] = [(term.slug, term.name) for term in used]
    values["call"] = {call.slug: sets.of("call", call.pk) for call in calls}
    choices["call"] = [(call.slug, call.title) for call in calls]
    years = {
        call.slug: str(timezone.localtime(call.closes_at).year) for call in calls if call.closes_at
    }
    values["year"] = {
        year: union(values["call"][slug] for slug, closed in years.items() if closed == year)
        for year in sorted({*years.values()}, reverse=True)
    }
    choices["year"] = [(year, year) for year in values["year"]]
    not_published = sets.everything & sets.of("amount_kind", AmountKind.NOT_PUBLISHED)
    values["amount"] = {
        "published": sets.everything & ~not_published,
        "not_published": not_published,
    }
    countries = {term.slug: (term.key, term.name) for term in terms["country"]}
    return ProjectSnapshot(sets.everything, values, choices, countries, sets)


def _read_terms() -> dict[str, list[FacetTerm]]:
    """All priorities, topics and countries by kind, sorted by name."""
    first, *others = [
        model._default_manager.order_by().values_list(
            Value(kind, output_field=CharField()), Cast("pk", CharField()), "slug", "name"
        )
        for kind, model in MODELS.items()
    ]
    terms: dict[str, list[FacetTerm]] = {kind: [] for kind in MODELS}
    for kind, *term in sorted(first.union(*others, all=True), key=itemgetter(3)):
        terms[kind].append(FacetTerm(*term))
    return terms


_terms = followed_records(_read_terms, *(model._meta.label_lower for model in MODELS.values()))
