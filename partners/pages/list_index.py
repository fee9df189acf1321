"""Public organisations by facet and value, as key sets (`psf.database.keysets`).

They are made of what the database keeps beside the projects in which they take part. After a
change only those organisations are read anew that are or were in a call that has another mark.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from django.db.models import Count, Max, Q, QuerySet, Sum
from django.utils import timezone

from partners.models import Country, Partner
from partners.pages.countries import size_of
from partners.participation import participation
from psf.caching.memo import Latest, cached_until_change
from psf.database.keysets import Values, digits_of, keys_of, keyset, merged, union
from psf.database.sql import among, compiled, fetch_all, joined, split
from psf.lists.bitset_filterset import FacetSnapshot
from psf.lists.ordering import Order, order_of

FACETS = ["country", "kind", "role", "projects", "digits"]
GROUPS = """
SELECT sits, sort, led > 0, joined > 0, number, {keys}
FROM ({partners}) AS each_partner GROUP BY 1, 2, 3, 4, 5
"""
CALLS = """
SELECT marked.call, marks, keys FROM ({marks}) AS marked LEFT JOIN (
    SELECT call, {keys} AS keys FROM ({parts}) AS part GROUP BY call
) AS taking_part ON taking_part.call = marked.call
"""


class Sets(NamedTuple):
    """The public organisations by facet and value.

    "digits" are those of their numbers of projects, for `keysets.GreatestFirst`.
    `calls` has of each call with public projects its mark and the organisations in these.
    """

    values: Values
    calls: dict[int, tuple[int, int]]

    def everything(self) -> int:
        return union(self.values["country"].values())


def renewed(old: Sets | None, at: datetime) -> Sets:
    """The sets of what is public at that moment."""
    # Calls first: what changes after a mark was read has another one next time.
    listings = participation().public_projects(at)
    parts = participation().public_participations(at).filter(partner__isnull=False)
    if old is None:
        calls = _calls(listings, parts)
        return Sets(_read(parts), calls)
    marks, known = dict(_marks(listings)), {call: mark for call, (mark, _keys) in old.calls.items()}
    changed = {call for call in {*marks, *known} if marks.get(call) != known.get(call)}
    if not changed:
        return old
    listings = listings.filter(call__in=changed)
    calls = _calls(listings, parts.filter(project__in=listings.values("pk")))
    before = [keys for call, (_mark, keys) in old.calls.items() if call in changed]
    gone = union([*before, *(keys for _mark, keys in calls.values())])
    new = _read(parts.filter(partner__in=among(Partner, keys_of(gone))))
    same = {call: each for call, each in old.calls.items() if call not in changed}
    return Sets(merged(old.values, gone, new), same | calls)


def _marks(listings: QuerySet) -> QuerySet:
    return listings.values_list("call").annotate(marks=Sum("mark"))


def _calls(listings: QuerySet, parts: QuerySet) -> dict[int, tuple[int, int]]:
    """Of each call with these listings its mark and the organisations of these parts."""
    marks, params = compiled(_marks(listings))
    each, more = compiled(parts.values("call", "partner"))
    sql = CALLS.format(marks=marks, keys=joined("partner"), parts=each)
    return {call: (mark, keyset(split(keys))) for call, mark, keys in fetch_all(sql, params + more)}


def _read(parts: QuerySet) -> Values:
    """The organisations that have these parts, and no others, by facet and value."""
    # Where an organisation sits, and of what kind it is, all its parts say alike.
    partners = parts.values("partner").annotate(
        sits=Max("seat_id"),
        sort=Max("kind"),
        led=Count("pk", filter=Q(leads=True)),
        joined=Count("pk", filter=Q(leads=False)),
        number=Count("project", distinct=True),
    )
    sql, params = compiled(partners)
    found: dict[str, dict[str, list[int]]] = {name: defaultdict(list) for name in FACETS}
    for *group, keys in fetch_all(GROUPS.format(keys=joined("partner"), partners=sql), params):
        some = split(keys)
        for facet, value in _values(*group):
            found[facet][value] += some
    return {
        facet: {value: keyset(keys) for value, keys in values.items()}
        for facet, values in found.items()
    }


def _values(
    seat: str, kind: str, led: bool, joined: bool, number: int
) -> Iterator[tuple[str, str]]:
    """Each value that such an organisation has, with its facet."""
    yield from [("country", seat), ("kind", kind), ("projects", size_of(number))]
    yield from [("role", role) for role, has in [("lead", led), ("partner", joined)] if has]
    yield from [("digits", place) for place in digits_of(number)]


_latest = Latest[Sets]()


def public_sets() -> Sets:
    """The sets as they are now."""
    at = timezone.now()
    return cached_until_change(
        "organisations", lambda: _latest.renewed(lambda old: renewed(old, at))
    )


def whole_list(leading: bool) -> FacetSnapshot:
    """The whole list of organisations, or of those that lead a public project."""
    found = public_sets()
    everything = found.values["role"].get("lead", 0) if leading else found.everything()
    has = found.values["country"]
    seats = [
        country
        for country in Country.objects.values_list("code", "slug", "name")
        if has.get(country[0], 0) & everything
    ]
    in_countries = {slug: has[code] for code, slug, _name in seats}
    choices = {"country": [(slug, name) for _code, slug, name in seats]}
    return FacetSnapshot(everything, found.values | {"country": in_countries}, choices)


def by_name() -> Order:
    """All organisations in the order of their folded names, the same on every database."""
    return order_of("partners by name", lambda: Partner.objects.order_by("folded", "slug"))
