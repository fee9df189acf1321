"""The snapshot of public records that the filters of projects use."""

from collections import defaultdict
from operator import attrgetter
from typing import Any

from partners.models import Country
from projects.list_index.facet_sets import public_sets
from projects.list_index.public_calls import load_public_calls
from projects.models import AmountKind, Priority, Topic
from psf.caching.memo import cached_until_change
from psf.followed_values.followed import followed_records
from psf.lists.facet_snapshot import FacetSnapshot

# Facets with records as values.
MODELS: dict[str, Any] = {"priority": Priority, "topic": Topic, "country": Country, "lead": Country}


@cached_until_change.memoize
def load_snapshot() -> FacetSnapshot:
    """All public projects by facet. The values are slugs.

    The choices of a facet are all countries, and other records in use.
    """
    sets, terms, calls = public_sets(), _terms(), load_public_calls()
    values, choices = dict(sets.values), {}
    for facet, model in MODELS.items():
        by_key = sets.values[facet]
        used = [term for term in terms[model] if str(term.pk) in by_key]
        values[facet] = {term.slug: by_key[str(term.pk)] for term in used}
        # A topic or priority without a public project may belong to a hidden call.
        known = terms[model] if model is Country else used
        choices[facet] = [(term.slug, term.name) for term in known]
    values["call"] = {call.slug: sets.of("call", call.pk) for call in calls}
    choices["call"] = [(call.slug, call.title) for call in calls]
    values["year"] = defaultdict(int)
    for call in calls:
        if year := call.closing_year():
            values["year"][str(year)] |= values["call"][call.slug]
    choices["year"] = [(year, year) for year in sorted(values["year"], reverse=True)]
    not_published = sets.everything & sets.of("amount_kind", AmountKind.NOT_PUBLISHED)
    values["amount"] = {
        "published": sets.everything & ~not_published,
        "not_published": not_published,
    }
    return FacetSnapshot(sets.everything, values, choices)


def _read_terms() -> dict[Any, list[Any]]:
    """All priorities, topics and countries by model, sorted by name."""
    by_name = attrgetter("name", "slug")
    return {model: sorted(model.objects.order_by(), key=by_name) for model in {*MODELS.values()}}


_terms = followed_records(_read_terms, *(model._meta.label_lower for model in MODELS.values()))
