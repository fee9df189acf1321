"""The table of countries, and the sources of its fields."""

from collections.abc import Mapping

from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from partners.models import Country, Membership
from partners.pages.countries import membership_status
from projects.open_data.dictionary import build_table, country_address
from psf.exports.fields import FieldSource, Key, Record, precision


def read_countries(rows: QuerySet[Country]) -> Mapping[Key, Record]:
    """The columns of the country, and the country, by its code."""
    return {country.pk: {**vars(country), "_country": country} for country in rows}


def periods_of(record: Record) -> list[Record]:
    """The memberships of the country, oldest first."""
    return [
        {
            "status": row.status,
            "period": row.period(),
            "valid_from": row.valid_from,
            "from_precision": row.from_precision if row.valid_from else None,
            "valid_to": row.valid_to,
            "source": row.source,
        }
        for row in record["_country"].memberships.all()
    ]


SOURCES = {
    "membership": FieldSource(
        of=lambda row: membership_status(row["_country"], timezone.localdate())
    ),
    "memberships": FieldSource(of=periods_of),
    "number_of_partners": FieldSource(of=lambda row: row["_country"].named_partners()),
    "address": FieldSource(of=lambda row: country_address(row["_country"].slug)),
}

COUNTRIES = build_table(
    "countries", lambda: Country.objects.public().for_page(), SOURCES, base=read_countries
)

MEMBERSHIP_SOURCES = {
    "country_code": FieldSource("country"),
    "from_precision": precision("from_precision", "valid_from"),
}


def memberships() -> QuerySet[Membership]:
    """All memberships. The public page of the country shows all of them too."""
    holder = Coalesce("country__name", "organisation")
    return Membership.objects.annotate(holder=holder).order_by("holder", "valid_from", "pk")


MEMBERSHIPS = build_table("memberships", memberships, MEMBERSHIP_SOURCES)
