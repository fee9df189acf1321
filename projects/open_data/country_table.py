"""The table of countries, and the sources of its fields."""

from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from partners.facts import COUNTRY, MEMBERSHIP
from partners.models import Country, Membership
from partners.models.memberships import BY_START
from partners.pages.countries import membership_status
from projects.open_data.dictionary import build_table, country_address, of_record, read_records
from psf.exports.fields import Record, precision


def periods_of(country: Country) -> list[Record]:
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
        for row in country.memberships.all()
    ]


SOURCES = {
    "membership": of_record(lambda country: membership_status(country, timezone.localdate())),
    "memberships": of_record(periods_of),
    "number_of_partners": of_record(Country.named_partners),
    "address": of_record(lambda country: country_address(country.slug)),
}

COUNTRIES = build_table(
    "countries", COUNTRY, lambda: Country.objects.public().for_page(), SOURCES, base=read_records
)

MEMBERSHIP_SOURCES = {
    "from_precision": precision("from_precision", "valid_from"),
}


def memberships() -> QuerySet[Membership]:
    """All memberships. The public page of the country shows all of them too."""
    holder = Coalesce("country__name", "organisation")
    return Membership.objects.annotate(holder=holder).order_by("holder", *BY_START)


MEMBERSHIPS = build_table("memberships", MEMBERSHIP, memberships, MEMBERSHIP_SOURCES)
