"""Public organisations by facet and value, as key sets (`psf.database.keysets`).

The key sets are made from the public participations. After a change only the organisations of
changed projects are read again.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from math import inf
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from partners.models import Country, Partner
from partners.participation import participation
from psf.caching.memo import cached_until_change
from psf.database.keysets import KeySet, Values, collect, keyset, merged, union, within
from psf.database.parameters import NOW
from psf.database.prepared import Prepared, compile_queryset
from psf.database.sql import aggregate_keys, given_keys, parse_keys, read_rows
from psf.followed_values.changes import Changes
from psf.followed_values.followed import Followed
from psf.lists.facet_snapshot import FacetSnapshot
from psf.lists.ordering import Order, cached_order

# The choices of the filter by number of projects, each with its highest number.
HIGHEST_NUMBERS = {"none": 0, "one": 1, "few": 4, "many": inf}
# The roles of participations.
LEAD, PARTNER = "lead", "partner"
# "projects" has the choices of the filter, "number" the numbers of projects.
FACETS = ["country", "kind", "role", "projects", "number"]
# Keys and columns of a group of organisations.
Group = tuple[Any, ...]
NUMBERS, SEAT = ["led", "joined", "number"], ["kind", "seat"]


def read_key_sets(at: datetime) -> Values:
    """The organisations with public projects at a moment, by facet and value."""
    parts = participation().partnerships().filter(partner__isnull=False)
    # SQLite reads the index by organisation only for NOT IN, and is then twice as fast.
    public = parts.exclude(project__in=participation().hidden_projects(at).values("pk"))
    seated = Partner.objects.order_by().values("kind", partner=F("pk"), seat=F("country"))
    return _values_of(_read_groups(_counted(public), NUMBERS), _read_groups(seated, SEAT))


def renew_key_sets(old: Values, changes: Changes) -> Values:
    changed = participation().changed_partners(changes)
    if not changed:
        return old
    rows = [_changed_counted.of(changed, at=changes.until), _changed_seated.of(changed)]
    counted, seated = ([([key], *columns) for key, *columns in part] for part in rows)
    return merged(old, keyset(changed), _values_of(counted, seated))


def _values_of(counted: Iterable[Group], seated: Iterable[Group]) -> Values:
    """The organisations by facet and value, from groups with the same numbers or seat."""

    def facets() -> Iterator[tuple[str, str, Sequence[int]]]:
        for keys, led, joined, number in counted:
            yield from [("projects", size_choice(number), keys), ("number", str(number), keys)]
            yield from [("role", role, keys) for role, n in [(LEAD, led), (PARTNER, joined)] if n]
        for keys, kind, seat in seated:
            yield from [("kind", kind, keys), ("country", seat, keys)]

    values = collect(FACETS, facets())
    return within(values, union(values["role"].values()))


def _counted(parts: QuerySet) -> QuerySet:
    """The organisations in these participations, with their numbers."""
    numbers = {
        "led": Count("pk", filter=Q(role=LEAD)),
        "joined": Count("pk", filter=~Q(role=LEAD)),
        "number": Count("project", distinct=True),
    }
    return parts.order_by().values("partner").annotate(**numbers)


@Prepared
def _changed_counted() -> QuerySet:
    parts = participation().public_participations(NOW).filter(partner__in=given_keys(Partner))
    return _counted(parts).values_list("partner", *NUMBERS)


@Prepared
def _changed_seated() -> QuerySet:
    partners = Partner.objects.filter(pk__in=given_keys(Partner))
    return partners.order_by().values_list("pk", "kind", "country")


def _read_groups(rows: QuerySet, columns: list[str]) -> Iterator[Group]:
    sql, params = compile_queryset(rows)
    names, keys = ", ".join(columns), aggregate_keys("partner")
    groups = f"SELECT {keys}, {names} FROM ({sql}) AS each_partner GROUP BY {names}"
    for text, *group in read_rows(groups, params):
        yield (parse_keys(text), *group)


def size_choice(number: int) -> str:
    """The choice of the filter for this number of projects."""
    return next(name for name, most in HIGHEST_NUMBERS.items() if number <= most)


_key_sets = Followed(read_key_sets, renew_key_sets)


def public_partner_sets() -> Values:
    """The organisations that have public projects now, by facet and value."""
    return cached_until_change("organisations", _key_sets.current)


def most_projects_first(partners: KeySet, numbers: Mapping[str, KeySet]) -> list[KeySet]:
    """These organisations in groups with the same number of projects, some of them empty."""
    return [partners & numbers[number] for number in sorted(numbers, key=int, reverse=True)]


def load_partner_snapshot(leading: bool) -> FacetSnapshot:
    """The list of all public organisations, or of the lead partners of public projects."""
    values = public_partner_sets()
    everything = values["role"].get("lead", 0) if leading else union(values["country"].values())
    by_code = values["country"]
    countries = [
        (code, slug, name)
        for code, slug, name in Country.objects.values_list("code", "slug", "name")
        if by_code.get(code, 0) & everything
    ]
    by_slug = {slug: by_code[code] for code, slug, _name in countries}
    choices = {"country": [(slug, name) for _code, slug, name in countries]}
    return FacetSnapshot(everything, values | {"country": by_slug}, choices)


def partners_by_name() -> Order:
    """All organisations in the order of their folded names, the same on every database."""
    columns = {"partners.partner": ["name", "slug"]}
    return cached_order(
        "partners by name", lambda: Partner.objects.order_by("folded", "slug"), columns
    )
