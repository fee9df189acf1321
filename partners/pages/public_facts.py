"""The public facts of organisations and countries; see `psf.impact`."""

from django.db.models import Count, Q
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from partners.models import Country, Merger, Partner, PartnerName
from partners.pages.list_index import LEAD
from partners.participation import participation
from psf.impact.facts import PublicFact, PublicPage, field_facts, list_facts

FIELDS = ["name", "kind", "city", "website", "registry_number"]


def of_partners(keys: list[str]) -> dict[str, PublicPage]:
    rows = Partner.objects.public().for_page().filter(pk__in=keys)
    pages = {
        str(row.pk): PublicPage(row.name, row.get_absolute_url(), _of_partner(row)) for row in rows
    }
    for merger in Merger.objects.in_force().filter(winner__in=list(pages)).select_related("winner"):
        assert merger.winner
        redirect = _("redirects to %(address)s") % {"address": merger.winner.get_absolute_url()}
        for key in merger.loser_keys():
            pages[key] = PublicPage(merger.name, redirect, {})
    return {key: pages[key] for key in keys if key in pages}


def _of_partner(partner: Partner) -> dict[str, PublicFact]:
    numbers = [partner.number_of_projects, partner.number_led]
    return {
        "projects": PublicFact(_("Projects, of which led"), " / ".join(map(str, numbers))),
        **partner_facts(partner),
        **field_facts(partner, ["succeeded_on"] if partner.successor else []),
        **list_facts(
            {
                "parent": (_("Part of"), filter(None, [partner.parent])),
                "units": (_("Units"), partner.units.all()),
                "predecessors": (_("Predecessors"), partner.predecessors.all()),
                "successor": (_("Successor"), filter(None, [partner.successor])),
            }
        ),
    }


def partner_facts(partner: Partner) -> dict[str, PublicFact]:
    """The facts that the record of the organisation and its names state."""
    return {
        **field_facts(partner, FIELDS),
        "country": PublicFact(_("Country"), str(partner.country)),
        **{f"name-{row.pk}": _name_fact(row) for row in partner.names.all()},
    }


def _name_fact(name: PartnerName) -> PublicFact:
    with_source = _("%(name)s (source: %(source)s)") if name.source else "%(name)s"
    return PublicFact(_("Other name"), with_source % {"name": name.text, "source": name.source})


def of_countries(keys: list[str]) -> dict[str, PublicPage]:
    rows = Country.objects.public().for_page().filter(pk__in=keys)
    return {row.pk: PublicPage(row.name, row.get_absolute_url(), _of_country(row)) for row in rows}


def _of_country(country: Country) -> dict[str, PublicFact]:
    return {
        "projects": PublicFact(_("Projects"), str(country.number_of_projects)),
        "led": PublicFact(_("Projects led"), str(country.number_led)),
        "partners": PublicFact(_("Organisations"), str(country.number_of_partners)),
        **{
            f"membership-{row.pk}": PublicFact(
                _("Membership"),
                ", ".join(filter(None, [capfirst(row.get_status_display()), row.period()])),
            )
            for row in country.memberships.all()
        },
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
