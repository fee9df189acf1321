"""Public organisations by facet and value, as key sets (`psf.database.keysets`).

The key sets are made from the public participations. Each change of a project gives the call a new
mark: only the organisations of calls with new marks are read again.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from django.db.models import Count, Max, Q, QuerySet, Sum
from django.utils import timezone

from partners.models import Country, Partner
from partners.pages.countries import size_choice
from partners.participation import participation
from psf.caching.memo import Incremental, cached_until_change
from psf.database.keysets import Values, digits_of, keys_of, keyset, merged, union
from psf.database.prepared import compile_queryset
from psf.database.sql import aggregate_keys, fetch_all, in_keys, parse_keys
from psf.lists.bitset_filterset import FacetSnapshot
from psf.lists.ordering import Order, cached_order

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


class PartnerKeySets(NamedTuple):
    """The public organisations by facet and value.

    The facet "digits" has the digits of the numbers of projects, for `keysets.GreatestFirst`.
    `calls` has the mark of each call and the organisations in its public projects.
    """

    values: Values
    calls: dict[int, tuple[int, int]]

    def everything(self) -> int:
        return union(self.values["country"].values())


def refresh_key_sets(old: PartnerKeySets | None, at: datetime) -> PartnerKeySets:
    """The key sets of everything that is public at a moment, made from older key sets."""
    # Marks first: a change after this query gets another mark next time.
    projects = participation().public_projects(at)
    rows = participation().public_participations(at).filter(partner__isnull=False)
    if old is None:
        calls = _read_calls(projects, rows)
        return PartnerKeySets(_read_values(rows), calls)
    marks = dict(_marks(projects))
    old_marks = {call: mark for call, (mark, _keys) in old.calls.items()}
    changed = {call for call in {*marks, *old_marks} if marks.get(call) != old_marks.get(call)}
    if not changed:
        return old
    projects = projects.filter(call__in=changed)
    calls = _read_calls(projects, rows.filter(project__in=projects.values("pk")))
    before = [keys for call, (_mark, keys) in old.calls.items() if call in changed]
    outdated = union([*before, *(keys for _mark, keys in calls.values())])
    new = _read_values(rows.filter(partner__in=in_keys(Partner, keys_of(outdated))))
    unchanged = {call: value for call, value in old.calls.items() if call not in changed}
    return PartnerKeySets(merged(old.values, outdated, new), unchanged | calls)


def _marks(projects: QuerySet) -> QuerySet:
    return projects.values_list("call").annotate(marks=Sum("mark"))


def _read_calls(projects: QuerySet, rows: QuerySet) -> dict[int, tuple[int, int]]:
    """The mark of each call of the projects, and the organisations in the rows."""
    marks, params = compile_queryset(_marks(projects))
    parts, more = compile_queryset(rows.values("call", "partner"))
    sql = CALLS.format(marks=marks, keys=aggregate_keys("partner"), parts=parts)
    return {
        call: (mark, keyset(parse_keys(keys))) for call, mark, keys in fetch_all(sql, params + more)
    }


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


_latest = Incremental[PartnerKeySets]()


def public_partner_sets() -> PartnerKeySets:
    """The key sets of everything that is public now."""
    at = timezone.now()
    return cached_until_change(
        "organisations", lambda: _latest.update(lambda old: refresh_key_sets(old, at))
    )


def load_partner_snapshot(leading: bool) -> FacetSnapshot:
    """The list of all public organisations, or of the lead partners of public projects."""
    key_sets = public_partner_sets()
    values = key_sets.values
    everything = values["role"].get("lead", 0) if leading else key_sets.everything()
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
    return cached_order("partners by name", lambda: Partner.objects.order_by("folded", "slug"))
