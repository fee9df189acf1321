"""The list of projects: its facets with their choices, its orders and its rows."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import chain, islice
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.functions import Lower

from partners.models import Country
from projects.list_index.facet_sets import ProjectSets, public_calls, public_sets
from projects.models import AmountKind, Priority, Project, Topic
from projects.models.post_award import is_extended
from psf.caching.values import at_each_version
from psf.database.keysets import KeySet
from psf.lists.facets import FacetSnapshot
from psf.lists.ordering import Order, OrderedPages, read_order

# Facets with records as values.
MODELS: dict[str, Any] = {"priority": Priority, "topic": Topic, "country": Country, "lead": Country}

FREQUENT_TOPICS, NEWEST_PROJECTS = 6, 4  # on a page that leads on
CLOSING = F("call__closes_at")
# A call without a known closing is the newest.
ORDERS: dict[str, list[Any]] = {
    "newest": [CLOSING.desc(nulls_first=True), "reference"],
    "oldest": [CLOSING.asc(nulls_last=True), "reference"],
    # Ceilings and awards in one order: each row names the kind of its amount.
    "amount": [F("amount_eur").desc(nulls_last=True), "reference"],
    "title": [Lower("title"), "reference"],
}


def load_snapshot() -> FacetSnapshot:
    """All public projects by facet. The values are slugs.

    The choices of a facet are all countries, and other records in use.
    """
    sets, calls = public_sets(), public_calls()
    terms = {model: _terms(model) for model in {*MODELS.values()}}
    values, choices = dict(sets.values), {}
    for facet, model in MODELS.items():
        by_key = sets.values[facet]
        used = [term for term in terms[model] if str(term[0]) in by_key]
        values[facet] = {slug: by_key[str(key)] for key, slug, _name in used}
        # A topic or priority without a public project may belong to a hidden call.
        listed = terms[model] if model is Country else used
        choices[facet] = [(slug, name) for _key, slug, name in listed]
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


def _terms(model: Any) -> list[tuple[Any, str, str]]:
    """The keys, slugs and names of all records, sorted by name in one way on every database."""
    rows = model.objects.order_by().values_list("pk", "slug", "name")
    return sorted(rows, key=lambda row: (row[2], row[1]))


def ordered_projects(order: str) -> QuerySet[Project]:
    return Project.objects.public().order_by(*ORDERS[order])


@at_each_version
def project_order(order: str) -> Order:
    return read_order(ordered_projects(order))


def ordered_pages(groups: Iterable[int], order: str) -> OrderedPages:
    """The pages of the projects in these key sets, each set in the given order."""
    # Equally good matches are ordered by date.
    in_order = project_order("newest" if order == "best" else order)
    return OrderedPages(groups, in_order, projects_of)


def topics_by_frequency(sets: ProjectSets) -> list[tuple[str, str, KeySet]]:
    """The topics of public projects: slug, name and projects, most projects first."""
    by_key = sets.values["topic"]
    rows = Topic.objects.filter(pk__in=by_key).values_list("pk", "slug", "name")
    topics = [(slug, name, by_key[str(key)]) for key, slug, name in rows]
    return sorted(topics, key=lambda row: (-row[2].bit_count(), row[1]))


def frequent_topics() -> list[tuple[str, str, KeySet]]:
    return topics_by_frequency(public_sets())[:FREQUENT_TOPICS]


def newest_of_groups(number: int, *groups: KeySet) -> list[list[Project]]:
    """The newest projects of each group, as rows of lists."""
    newest = [[*islice(ordered_pages([group], "newest").keys(), number)] for group in groups]
    rows = {row.pk: row for row in projects_of([*chain.from_iterable(newest)])}
    return [[rows[key] for key in keys if key in rows] for keys in newest]


def projects_of(keys: list[int]) -> list[Project]:
    """The public projects among a few keys, in this order, as rows of lists."""
    rows = Project.objects.public().for_list().annotate(is_extended=is_extended()).in_bulk(keys)
    return [rows[key] for key in keys if key in rows]
