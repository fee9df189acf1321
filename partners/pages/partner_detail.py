"""Public organisations with all that pages show of them, and hardly a query said anew."""

from typing import Any

from django.db.models import BigIntegerField, QuerySet, SlugField

from partners.models import Partner
from psf.database.prepared import AT, Parameter, Prepared, PreparedForKeys, attach

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
