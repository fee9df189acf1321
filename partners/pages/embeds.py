"""Small pages that other sites show in a frame: projects of an organisation or country, the map."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from partners.models import Partner
from partners.pages.countries import public_countries
from partners.pages.country_detail import countries_beside_map, country_map
from partners.pages.partner_detail import partner_context
from partners.pages.views import winner_of
from partners.participation import participation

# So few that the page stays below 30 KB with the longest names.
EMBEDDED_PROJECTS = 12


@require_safe
@xframe_options_exempt
def partner_embed(request: HttpRequest, slug: str) -> HttpResponse:
    """The newest projects of an organisation; a merged record redirects to the winner."""
    partner = Partner.objects.public().for_page().filter(slug=slug).first()
    if partner is None:
        return redirect("partners:partner-embed", winner_of(slug).slug, permanent=True)
    return render(request, "embed/partner.html", newest_of_partner(partner))


def newest_of_partner(partner: Partner) -> dict[str, Any]:
    calls = partner_context(partner)["calls"]
    projects = [project for call in calls for project in call["projects"]]
    return {"partner": partner, "projects": projects[:EMBEDDED_PROJECTS]}


@require_safe
@xframe_options_exempt
def country_embed(request: HttpRequest, slug: str) -> HttpResponse:
    """The newest projects with a partner from a country."""
    country = next((country for country in public_countries() if country.slug == slug), None)
    if country is None:
        raise Http404
    projects = participation().newest_with_country(country.code, EMBEDDED_PROJECTS)
    context = {"country": country, "projects": projects}
    return render(request, "embed/country.html", context)


@require_safe
@xframe_options_exempt
def map_embed(request: HttpRequest) -> HttpResponse:
    """The map of projects by country, with its table."""
    countries = public_countries()
    baltic = country_map(countries)
    context = {"map": baltic, "countries": countries_beside_map(countries, baltic)}
    return render(request, "embed/map.html", context)
