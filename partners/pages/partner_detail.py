"""The content of the page of an organisation, loaded by prepared queries."""

from collections.abc import Mapping
from datetime import date
from itertools import groupby
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, QuerySet, SlugField

from partners.models import Partner, PartnerName
from partners.participation import NEWEST_PROJECTS, ProjectRow, participation
from psf.database.keysets import KeySet
from psf.database.parameters import NOW, Parameter
from psf.database.prepared import Prepared, attach
from psf.database.sql import given_keys

SLUG = Parameter("slug", SlugField())
PARTNER, PARENT, SUCCESSOR = (
    Parameter(name, BigIntegerField()) for name in ["partner", "parent", "successor"]
)
PAGE = Prepared(lambda: Partner.objects.public(NOW).for_list(NOW).filter(slug=SLUG))
NAMES = Prepared(lambda: PartnerName.objects.filter(partner=PARTNER))


def load_partner_rows(numbers: Mapping[str, KeySet], keys: list[int]) -> list[Partner]:
    """The public organisations with the keys, as rows of a list, in the order of the keys.

    `numbers` has the organisations by number of projects, as `list_index.public_partner_sets()`.
    """
    rows: dict[int, Partner] = {row.pk: row for row in _rows.of(keys)}
    for key, row in rows.items():
        found = (int(number) for number, partners in numbers.items() if partners >> key & 1)
        row.number_of_projects = next(found, 0)
    return [rows[key] for key in keys if key in rows]


@Prepared
def _rows() -> QuerySet:
    partners = Partner.objects.public(NOW).with_number_led(NOW)
    return partners.filter(pk__in=given_keys(Partner)).order_by()


def load_public_partner(slug: str) -> Partner | None:
    """The public organisation, loaded as `for_page()` does."""
    partner: Partner | None = PAGE.one(slug=slug)
    if partner:
        attach(partner, "names", NAMES(partner=partner.pk))
        _attach_relatives(partner)
    return partner


@Prepared
def _relatives() -> list[QuerySet]:
    """The public units, predecessors, parent and successor; an organisation may come twice."""
    public = Partner.objects.public(NOW)
    return [
        public.filter(parent=PARTNER),
        public.filter(successor=PARTNER),
        public.filter(pk=PARENT),
        public.filter(pk=SUCCESSOR),
    ]


def _attach_relatives(partner: Partner) -> None:
    relatives = {
        row.pk: row
        for row in _relatives(
            partner=partner.pk, parent=partner.parent_id, successor=partner.successor_id
        )
    }
    in_order = sorted(relatives.values(), key=lambda row: (row.folded, row.slug))
    attach(partner, "units", [row for row in in_order if row.parent_id == partner.pk])
    attach(partner, "predecessors", [row for row in in_order if row.successor_id == partner.pk])
    for name in ["parent", "successor"]:
        field: Any = Partner._meta.get_field(name)
        field.set_cached_value(partner, relatives.get(getattr(partner, field.attname)))


def partner_context(partner: Partner) -> dict[str, Any]:
    """The context of the page of an organisation, for readers and for the preview of staff.

    `partner` comes from `for_page()` and may be without public projects.
    """
    rows, are_all = participation().newest_projects(partner.pk)
    return {
        "partner": partner,
        "calls": _rows_by_call(rows, partner),
        "are_all": are_all,
        "shown": NEWEST_PROJECTS,
        "network": participation().neighbours(partner),
    }


def _rows_by_call(rows: list[ProjectRow], partner: Partner) -> list[dict[str, object]]:
    """The calls, newest first, each with the projects of the organisation."""
    return [
        {
            "title": title,
            "url": url,
            "projects": [_participation_row(row, partner) for row in group],
        }
        for (title, url), group in groupby(rows, lambda row: (row.call, row.call_url))
    ]


class ParticipationRow(NamedTuple):
    """A project on the page of an organisation.

    `published_as` and `country` are empty if equal to the name and country of the organisation.
    """

    url: str
    project: str
    language: str
    reference: str
    published_as: str
    country: str
    role: str
    joined_on: date | None
    left_on: date | None


def _participation_row(row: ProjectRow, partner: Partner) -> ParticipationRow:
    return ParticipationRow(
        row.url,
        row.title,
        row.title_language,
        row.reference,
        row.name_as_published if row.name_as_published != partner.name else "",
        row.country if row.country_code != partner.country_id else "",
        row.role,
        row.joined_on,
        row.left_on,
    )
