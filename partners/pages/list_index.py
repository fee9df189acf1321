"""Public organisations by facet and value, as key sets (`psf.database.keysets`).

The key sets are made from the public participations. After a change only the organisations of
changed projects are read again.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from math import inf
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from partners.models import Country, Partner
from partners.participation import participation
from psf.caching.memo import cached_until_change
from psf.database.keysets import KeySet, Values, collect, keyset, merged, union, within
from psf.database.prepared import compile_queryset
from psf.database.sql import aggregate_keys, in_keys, parse_keys, read_rows
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


def read_key_sets(at: datetime) -> Values:
    """The organisations with public projects at a moment, by facet and value."""
    parts = participation().partnerships().filter(partner__isnull=False)
    # SQLite reads the index by organisation only for NOT IN, and is then twice as fast.
    public = parts.exclude(project__in=participation().hidden_projects(at).values("pk"))
    return _values_of(public, Partner.objects.all())


def renew_key_sets(old: Values, changes: Changes) -> Values:
    changed = participation().changed_partners(changes)
    if not changed:
        return old
    keys = in_keys(Partner, changed)
    parts = participation().public_participations(changes.until).filter(partner__in=keys)
    new = _values_of(parts, Partner.objects.filter(pk__in=keys))
    return merged(old, keyset(changed), new)


def _values_of(public: QuerySet, partners: QuerySet) -> Values:
    """The organisations by facet and value: those of public participations, with their seats."""
    numbers = {
        "led": Count("pk", filter=Q(role=LEAD)),
        "joined": Count("pk", filter=~Q(role=LEAD)),
        "number": Count("project", distinct=True),
    }
    counted = public.order_by().values("partner").annotate(**numbers)
    seated = partners.order_by().values("kind", partner=F("pk"), seat=F("country"))

    def facets() -> Iterator[tuple[str, str, Sequence[int]]]:
        for keys, led, joined, number in _read_groups(counted, [*numbers]):
            yield from [("projects", size_choice(number), keys), ("number", str(number), keys)]
            yield from [("role", role, keys) for role, n in [(LEAD, led), (PARTNER, joined)] if n]
        for keys, kind, seat in _read_groups(seated, ["kind", "seat"]):
            yield from [("kind", kind, keys), ("country", seat, keys)]

    values = collect(FACETS, facets())
    return within(values, union(values["role"].values()))


def _read_groups(rows: QuerySet, columns: list[str]) -> Iterator[tuple[Any, ...]]:
    """The keys of the organisations with the same values in these columns, and the values."""
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
    """The list of all public organisations, or of the lead partners of public projects.

    Every country is a choice, also a country without an organisation in the list.
    """
    values = public_partner_sets()
    everything = values["role"].get("lead", 0) if leading else union(values["country"].values())
    by_code = values["country"]
    countries = [*Country.objects.values_list("code", "slug", "name")]
    by_slug = {slug: by_code[code] for code, slug, _name in countries if code in by_code}
    choices = {"country": [(slug, name) for _code, slug, name in countries]}
    return FacetSnapshot(everything, values | {"country": by_slug}, choices)


def partners_by_name() -> Order:
    """All organisations in the order of their folded names, the same on every database."""
    columns = {"partners.partner": ["name", "slug"]}
    return cached_order(
        "partners by name", lambda: Partner.objects.order_by("folded", "slug"), columns
    )
