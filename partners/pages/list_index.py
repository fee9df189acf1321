"""Public organisations by facet and value, as key sets (`psf.database.keysets`).

The key sets are made from the public participations. After a change only the organisations of
changed projects are read again.
"""

from collections.abc import Iterable, Iterator, Mapping
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
# Groups of organisations with their keys: by numbers of participations, then by kind and seat.
GROUPS = """
SELECT led, joined, number, NULL, NULL, {keys}
FROM ({counted}) AS each_partner GROUP BY led, joined, number
UNION ALL SELECT NULL, NULL, NULL, kind, seat, {keys}
FROM ({seated}) AS each_partner GROUP BY kind, seat
"""


def read_key_sets(at: datetime) -> Values:
    """The organisations with public projects at a moment, by facet and value."""
    parts = participation().partnerships().filter(partner__isnull=False)
    # SQLite reads the index by organisation only for NOT IN, and is then twice as fast.
    public = parts.exclude(project__in=participation().hidden_projects(at).values("pk"))
    seated = Partner.objects.order_by().values("kind", partner=F("pk"), seat=F("country"))
    return _values_of(_read_groups(_counted(public), seated))


def renew_key_sets(old: Values, changes: Changes) -> Values:
    changed = participation().changed_partners(changes)
    if not changed:
        return old
    counted = _changed_counted.of(changed, at=changes.until)
    groups = [([key], *numbers, None, None) for key, *numbers in counted]
    groups += [([key], None, None, None, *row) for key, *row in _changed_seated.of(changed)]
    return merged(old, keyset(changed), _values_of(groups))


def _values_of(groups: Iterable[tuple[Any, ...]]) -> Values:
    """The organisations by facet and value. A group has keys, then the columns of `GROUPS`."""
    values = collect(
        FACETS,
        ((facet, value, keys) for keys, *group in groups for facet, value in _facet_values(*group)),
    )
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
    return _counted(parts).values_list("partner", "led", "joined", "number")


@Prepared
def _changed_seated() -> QuerySet:
    partners = Partner.objects.filter(pk__in=given_keys(Partner))
    return partners.order_by().values_list("pk", "kind", "country")


def _read_groups(counted: QuerySet, seated: QuerySet) -> Iterator[tuple[Any, ...]]:
    (counted_sql, params), (seated_sql, more_params) = map(compile_queryset, [counted, seated])
    sql = GROUPS.format(keys=aggregate_keys("partner"), counted=counted_sql, seated=seated_sql)
    for *group, text in read_rows(sql, [*params, *more_params]):
        yield (parse_keys(text), *group)


def _facet_values(
    led: int, joined: int, number: int | None, kind: str, seat: str
) -> Iterator[tuple[str, str]]:
    """The facets and values of a group of organisations."""
    if number is None:
        yield from [("kind", kind), ("country", seat)]
        return
    yield from [("projects", size_choice(number)), ("number", str(number))]
    yield from [("role", role) for role, count in [(LEAD, led), (PARTNER, joined)] if count]


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
