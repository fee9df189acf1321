from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from partners.models import Membership, Partner
from partners.pages.countries import (
    countries_beside_map,
    country_context,
    country_map,
    group_by_membership,
    public_countries,
)
from partners.pages.filters import CountryFilterSet, LeadPartnerFilterSet, PartnerFilterSet
from partners.participation import participation
from partners.slugs import winner_of
from psf.lists.public_list import FilteredList
from psf.public_changes.change_log import changes_of_page
from psf.public_changes.views import version_page
from psf.text.phrases import in_sentence

PARTNER = "partners.partner"
PROJECTS_OF_PARTNER = 50


class PartnerList(FilteredList):
    filterset_class = PartnerFilterSet
    template_name = "partners/partner_list.html"


class LeadPartnerList(PartnerList):
    filterset_class = LeadPartnerFilterSet
    template_name = "partners/leadpartner_list.html"


def partner_context(partner: Partner) -> dict[str, Any]:
    """The context of the page of an organisation, for readers and for the preview of staff.

    `partner` comes from `for_page()` and may be without public projects.
    """
    return {
        "partner": partner,
        "projects": participation().newest_projects(partner, PROJECTS_OF_PARTNER),
        "neighbours": participation().neighbours(partner),
    }


@require_safe
def partner_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """The page of a public organisation; a merged record redirects to the winner."""
    partner = Partner.objects.public().for_page().filter(slug=slug).first()
    if partner:
        context = partner_context(partner) | {"changes": changes_of_page(PARTNER, partner.pk)}
        return render(request, "partners/partner_detail.html", context)
    return redirect(winner_of(slug), permanent=True)


@require_safe
def partner_version(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """An earlier public version of the page of an organisation."""
    partner = Partner.objects.public().filter(slug=slug).first()
    if partner is None:
        return redirect(winner_of(slug), permanent=True)
    return version_page(request, partner, number)


class CountryList(FilteredList):
    filterset_class = CountryFilterSet
    context_object_name = "countries"
    template_name = "partners/country_list.html"
    paginate_by = 300  # all countries on one page

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context, today = super().get_context_data(**kwargs), timezone.localdate()
        return context | {
            "groups": group_by_membership(context["countries"], today),
            "organisations": list(Membership.objects.on(today).filter(country__isnull=True)),
            "map": country_map(self.filterset.countries),
        }


@require_safe
def country_detail(request: HttpRequest, slug: str) -> HttpResponse:
    countries = public_countries()
    country = next((country for country in countries if country.slug == slug), None)
    if country is None:
        raise Http404
    return render(request, "partners/country_detail.html", country_context(country, countries))


# Small pages that other sites show in a frame

# So few that the page stays below 30 KB with the longest names.
EMBEDDED_PROJECTS = 12


@require_safe
@xframe_options_exempt
def partner_embed(request: HttpRequest, slug: str) -> HttpResponse:
    """The newest projects of an organisation; a merged record redirects to the winner."""
    partner = Partner.objects.public().for_page().filter(slug=slug).first()
    if partner is None:
        return redirect("partners:partner-embed", winner_of(slug).slug, permanent=True)
    context = {
        "record": partner,
        "title": _("Projects of %(name)s") % {"name": partner},
        "projects": participation().newest_projects(partner, EMBEDDED_PROJECTS),
        "query": f"partner={partner.slug}",
    }
    return render(request, "embed/projects.html", context)


@require_safe
@xframe_options_exempt
def country_embed(request: HttpRequest, slug: str) -> HttpResponse:
    """The newest projects with a partner from a country."""
    country = next((country for country in public_countries() if country.slug == slug), None)
    if country is None:
        raise Http404
    context = {
        "record": country,
        "title": _("Projects with partners from %(name)s") % {"name": in_sentence(country.name)},
        "projects": participation().newest_with_country(country.code, EMBEDDED_PROJECTS),
        "query": f"country={country.slug}",
    }
    return render(request, "embed/projects.html", context)


@require_safe
@xframe_options_exempt
def map_embed(request: HttpRequest) -> HttpResponse:
    """The map of projects by country, with its table."""
    countries = public_countries()
    baltic = country_map(countries)
    context = {"map": baltic, "countries": countries_beside_map(countries, baltic)}
    return render(request, "embed/map.html", context)
