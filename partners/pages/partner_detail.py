"""Public organisations with all that pages show of them, and hardly a query said anew."""

from datetime import date, datetime
from functools import cache
from math import inf
from typing import Any, NamedTuple

from django.apps import apps
from django.db.models import BigIntegerField, F, QuerySet, SlugField

from partners.models import Partner
from partners.models.countries import all_partnerships, public_parts
from psf.database.prepared import AT, Parameter, Prepared, PreparedForKeys, attach
from psf.text.phrases import label_of_choice

# Of those that it leads, and of the others.
PARTS_SHOWN = 25

SLUG = Parameter("slug", SlugField())
PARTNER, PARENT, SUCCESSOR = (
    Parameter(name, BigIntegerField()) for name in ["partner", "parent", "successor"]
)
PAGE = Prepared(
    lambda: Partner.objects.public(AT).for_list(AT).prefetch_related("names").filter(slug=SLUG)
)


def partners_of(keys: list[int]) -> list[Partner]:
    """Those of these few organisations that are public, in this order, as rows of a list."""
    rows = {row.pk: row for row in _rows.of(keys)}
    return [rows[key] for key in keys if key in rows]


@PreparedForKeys
def _rows(keys: list[Any]) -> QuerySet:
    return Partner.objects.public(AT).for_list(AT).filter(pk__in=keys).order_by()


def public_partner(slug: str) -> Partner | None:
    """What `for_page()` loads of it."""
    partner: Partner | None = PAGE.one(slug=slug)
    if partner:
        _attach_relatives(partner)
    return partner


@Prepared
def _relatives() -> list[QuerySet]:
    """The public bodies above, below, before and after it; one that is two of these twice."""
    public = Partner.objects.public(AT)
    return [
        public.filter(parent=PARTNER),
        public.filter(successor=PARTNER),
        public.filter(pk=PARENT),
        public.filter(pk=SUCCESSOR),
    ]


def _attach_relatives(partner: Partner) -> None:
    found = {
        row.pk: row
        for row in _relatives(
            partner=partner.pk, parent=partner.parent_id, successor=partner.successor_id
        )
    }
    in_order = sorted(found.values(), key=lambda row: (row.folded, row.slug))
    attach(partner, "units", [row for row in in_order if row.parent_id == partner.pk])
    attach(partner, "predecessors", [row for row in in_order if row.successor_id == partner.pk])
    for name in ["parent", "successor"]:
        field: Any = Partner._meta.get_field(name)
        field.set_cached_value(partner, found.get(getattr(partner, field.attname)))


class Part(NamedTuple):
    """A part of an organisation in a public project, and the call of that."""

    title: str
    slug: str
    reference: str
    call: str
    call_slug: str
    closes_at: datetime | None
    published_as: str
    code: str
    country: str
    role: str
    joined_on: date | None
    left_on: date | None
    leads: bool

    def role_in_words(self) -> str:
        return _called(self.role)


@cache
def _called(role: str) -> str:
    return label_of_choice(apps.get_model("projects", "Partnership"), "role", role)


FIELDS = [f"project__{name}" for name in ["title", "slug", "reference"]]
FIELDS += [f"project__call__{name}" for name in ["title", "slug", "closes_at"]]
FIELDS += ["name_as_published", "country", "country__name"]
FIELDS += ["role", "joined_on", "left_on", "listed__leads"]


@Prepared
def _newest() -> list[QuerySet]:
    """The newest parts of the lead, and of other partners; of each one more than is shown."""
    closes_at = F("call__closes_at").desc(nulls_first=True)
    parts = public_parts(AT).filter(partner=PARTNER).order_by(closes_at, "-project_id", "pk")
    newest = parts.values("pk")
    return [
        all_partnerships().order_by().filter(pk__in=rows[: PARTS_SHOWN + 1]).values_list(*FIELDS)
        for rows in [newest.filter(leads=True), newest.filter(leads=False)]
    ]


def newest_parts(partner: Partner) -> tuple[list[Part], bool]:
    """Its parts in public projects, newest call first, and whether these are all that it has."""
    found = sorted(map(Part._make, _newest(partner=partner.pk)), key=_newest_first)
    led = [part for part in found if part.leads]
    others = [part for part in found if not part.leads]
    shown = [*led[:PARTS_SHOWN], *others[:PARTS_SHOWN]]
    return sorted(shown, key=_newest_first), len(shown) == len(found)


def _newest_first(part: Part) -> tuple[float, str, str]:
    """A call of which it is not known when it closes stands before all others."""
    closed = -part.closes_at.timestamp() if part.closes_at else -inf
    return closed, part.call_slug, part.reference
