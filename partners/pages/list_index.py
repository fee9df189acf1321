"""Public organisations by facet and value, as key sets (`psf.database.keysets`).

The key sets are made from the public participations. After a change only the organisations of
changed projects are read again.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from math import inf

from django.db.models import Count, Max, Q, QuerySet

from partners.models import Country, Partner
from partners.participation import participation
from psf.caching.memo import cached_until_change
from psf.counts.changes import Changes
from psf.counts.followed import Followed
from psf.database.keysets import Values, digits_of, keyset, merged, union
from psf.database.prepared import compile_queryset
from psf.database.sql import aggregate_keys, fetch_all, in_keys, parse_keys
from psf.lists.bitset_filterset import FacetSnapshot
from psf.lists.ordering import Order, cached_order

# The choices of the filter by number of projects, each with its highest number.
HIGHEST_NUMBERS = {"none": 0, "one": 1, "few": 4, "many": inf}
# "digits" has the digits of the numbers of projects, for `keysets.GreatestFirst`.
FACETS = ["country", "kind", "role", "projects", "digits"]
GROUPS = """
SELECT sits, sort, led > 0, joined > 0, number, {keys}
FROM ({partners}) AS each_partner GROUP BY 1, 2, 3, 4, 5
"""


def read_key_sets(at: datetime) -> Values:
    """The organisations with public projects at a moment, by facet and value."""
    return _read_values(participation().public_participations(at).filter(partner__isnull=False))


def renew_key_sets(old: Values, changes: Changes) -> Values:
    changed = participation().changed_partners(changes)
    if not changed:
        return old
    rows = participation().public_participations(changes.until)
    new = _read_values(rows.filter(partner__in=in_keys(Partner, changed)))
    return merged(old, keyset(changed), new)


def _read_values(rows: QuerySet) -> Values:
    """The organisations in the participations by facet and value."""
    # Seat and kind are the same in all rows of an organisation.
    partners = rows.values("partner").annotate(
        sits=Max("seat_id"),
        sort=Max("kind"),
        led=Count("pk", filter=Q(leads=True)),
        joined=Count("pk", filter=Q(leads=False)),
        number=Count("project", distinct=True),
    )
    sql, params = compile_queryset(partners)
    keys_by_value: dict[str, dict[str, list[int]]] = {name: defaultdict(list) for name in FACETS}
    for *group, text in fetch_all(
        GROUPS.format(keys=aggregate_keys("partner"), partners=sql), params
    ):
        keys = parse_keys(text)
        for facet, value in _facet_values(*group):
            keys_by_value[facet][value] += keys
    return {
        facet: {value: keyset(keys) for value, keys in values.items()}
        for facet, values in keys_by_value.items()
    }


def _facet_values(
    seat: str, kind: str, led: bool, joined: bool, number: int
) -> Iterator[tuple[str, str]]:
    """The facets and values of an organisation."""
    yield from [("country", seat), ("kind", kind), ("projects", size_choice(number))]
    yield from [("role", role) for role, applies in [("lead", led), ("partner", joined)] if applies]
    yield from [("digits", place) for place in digits_of(number)]


def size_choice(number: int) -> str:
    """The choice of the filter for this number of projects."""
    return next(name for name, most in HIGHEST_NUMBERS.items() if number <= most)


_key_sets = Followed(read_key_sets, renew_key_sets)


def public_partner_sets() -> Values:
    """The organisations that have public projects now, by facet and value."""
    return cached_until_change("organisations", _key_sets.current)


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
    return cached_order(
        "partners by name", lambda: Partner.objects.order_by("folded", "slug"), _changed_partners
    )


def _changed_partners(changes: Changes) -> set[int]:
    return {*map(int, changes.keys_of("partners.partner"))}
