"""The organisations that a printed name may mean."""

from django.db.models import Q, QuerySet

from partners.models import Partner, PartnerName
from psf.text import fold

from . import names
from .places import Places

MOST = 8


def recognise(name: str, country: str) -> Partner | None:
    """The one organisation in the country (code) one of whose names, folded, this is."""
    found = list(_named(name, country)[:2])
    return found[0] if len(found) == 1 else None


def _named(name: str, country: str) -> QuerySet:
    folded = fold(name)
    others = PartnerName.objects.filter(folded=folded, partner__country=country)
    return Partner.objects.filter(country=country).filter(
        Q(folded=folded) | Q(pk__in=others.values("partner"))
    )


def near(name: str, country: str, places: Places) -> list[Partner]:
    """The organisations in the country one of whose names shares a telling word with this one."""
    found = Partner.objects.none()
    for word in sorted(names.telling_words(name, places)):
        found = found | Partner.objects.filter(country=country).found_by(word)
    return list(found.distinct().order_by("name", "slug")[:MOST])
