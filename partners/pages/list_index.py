"""Public organisations by facet and value, as key sets (`psf.database.keysets`), and their rows.

The values hold keys and numbers only, and rows come from `public()`.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from math import inf

from django.db.models import Count, Q
from django.utils import timezone

from partners.models import Country, Partner
from partners.participation import participation
from psf.caching.values import at_each_version
from psf.database.keysets import KeySet, Values, collect, union, within
from psf.lists.facets import FacetSnapshot
from psf.lists.ordering import Order, read_order

# The choices of the filter by number of projects, each with its highest number.
HIGHEST_NUMBERS = {"one": 1, "few": 4, "many": inf}
# The roles of participations.
LEAD, PARTNER = "lead", "partner"
# "projects" has the choices of the filter, "number" the numbers of projects.
FACETS = ["country", "kind", "role", "projects", "number"]


@at_each_version
def public_partner_sets() -> Values:
    """The organisations that have public projects now, by facet and value."""
    return read_key_sets(timezone.now())


def read_key_sets(at: datetime) -> Values:
    """The organisations with public projects at a moment, by facet and value."""
    parts = participation().partnerships().filter(partner__isnull=False).order_by()
    # SQLite reads the index by organisation only for NOT IN, and is then twice as fast.
    public = parts.exclude(project__in=participation().hidden_projects(at).values("pk"))
    numbers = {
        "led": Count("pk", filter=Q(role=LEAD)),
        "joined": Count("pk", filter=~Q(role=LEAD)),
        "number": Count("project", distinct=True),
    }
    counted = public.values("partner").annotate(**numbers).values_list("partner", *numbers)
    seated = Partner.objects.order_by().values_list("pk", "kind", "country")

    def facets() -> Iterator[tuple[str, str, Sequence[int]]]:
        for partner, led, joined, number in counted.iterator():
            key = [partner]
            yield from [("projects", size_choice(number), key), ("number", str(number), key)]
            yield from [("role", role, key) for role, n in [(LEAD, led), (PARTNER, joined)] if n]
        for partner, kind, seat in seated.iterator():
            yield from [("kind", kind, [partner]), ("country", seat, [partner])]

    values = collect(FACETS, facets())
    return within(values, union(values["role"].values()))


def size_choice(number: int) -> str:
    """The choice of the filter for this number of projects."""
    return next(name for name, most in HIGHEST_NUMBERS.items() if number <= most)


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


@at_each_version
def partners_by_name() -> Order:
    """All organisations in the order of their folded names, the same on every database."""
    return read_order(Partner.objects.order_by("folded", "slug"))


def load_partner_rows(numbers: Mapping[str, KeySet], keys: list[int]) -> list[Partner]:
    """The public organisations with the keys, as rows of a list, in the order of the keys.

    `numbers` has the organisations by number of projects, as `list_index.public_partner_sets()`.
    """
    rows: dict[int, Partner] = Partner.objects.public().with_number_led().in_bulk(keys)
    for key, row in rows.items():
        counts = (int(number) for number, partners in numbers.items() if partners >> key & 1)
        row.number_of_projects = next(counts, 0)
    return [rows[key] for key in keys if key in rows]
