"""The pages of organisations and countries, previewed for staff, and with earlier versions."""

from collections.abc import Iterable

from django.db.models import Count, Q
from django.utils.translation import gettext as _, gettext_lazy

from partners.facts import COUNTRY, PARTNER
from partners.models import Country, Merger, Partner
from partners.pages.list_index import LEAD
from partners.participation import participation
from psf.impact.preview import PublicFact, PublicPage
from psf.public_changes.versions import PublicKind
from psf.text.dates import Precision, describe


def partner_pages(keys: list[str]) -> dict[str, PublicPage]:
    rows = Partner.objects.public().for_page().filter(pk__in=keys)
    pages = {
        str(row.pk): PublicPage(row.name, row.get_absolute_url(), _partner_facts(row))
        for row in rows
    }
    mergers = Merger.objects.in_force().filter(winner__in=list(pages), loser_key__in=keys)
    for merger in mergers.select_related("winner"):
        assert merger.winner
        redirect = _("redirects to %(address)s") % {"address": merger.winner.get_absolute_url()}
        pages[str(merger.loser_key)] = PublicPage(merger.name, redirect, {})
    return {key: pages[key] for key in keys if key in pages}


def _partner_facts(partner: Partner) -> dict[str, PublicFact]:
    """The facts of the organisation, with those that follow from other records."""
    numbers = [partner.number_of_projects, partner.number_led]
    day = partner.succeeded_on if partner.successor else None
    return {
        "projects": PublicFact(_("Projects, of which led"), " / ".join(map(str, numbers))),
        **PARTNER.tell(partner),
        "succeeded_on": PublicFact(
            _("Day of succession"), describe(day, Precision.DAY) if day else ""
        ),
        "parent": _names(_("Part of"), [partner.parent]),
        "units": _names(_("Units"), partner.units.all()),
        "predecessors": _names(_("Predecessors"), partner.predecessors.all()),
        "successor": _names(_("Successor"), [partner.successor]),
    }


def _names(label: str, partners: Iterable[Partner | None]) -> PublicFact:
    return PublicFact(label, ", ".join(partner.name for partner in partners if partner))


def country_pages(keys: list[str]) -> dict[str, PublicPage]:
    rows = Country.objects.public().for_page().filter(pk__in=keys)
    return {
        row.pk: PublicPage(row.name, row.get_absolute_url(), _country_facts(row)) for row in rows
    }


def _country_facts(country: Country) -> dict[str, PublicFact]:
    return {
        "projects": PublicFact(_("Projects"), str(country.number_of_projects)),
        "led": PublicFact(_("Projects led"), str(country.number_led)),
        "partners": PublicFact(_("Organisations"), str(country.number_of_partners)),
        **COUNTRY.tell(country),
    }


def partner_figures() -> dict[str, PublicFact]:
    """The numbers of public records."""
    public = participation().public_participations()
    labels = {
        "partners": _("Organisations"),
        "leads": _("Lead partners"),
        "countries": _("Countries with a project"),
    }
    numbers = public.aggregate(
        partners=Count("partner", distinct=True),
        leads=Count("partner", distinct=True, filter=Q(role=LEAD)),
        countries=Count("country", distinct=True),
    )
    return {key: PublicFact(label, str(numbers[key])) for key, label in labels.items()}


PARTNERS = PublicKind(
    PARTNER, gettext_lazy("Organisations"), lambda keys: participation().publications(keys)
)
