"""The pages of the site as a whole."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.generic import TemplateView

from partners.models import Partner
from partners.pages.countries import public_countries
from partners.pages.views import countries_beside_map, country_map
from projects.amounts import amount_figures
from projects.models import Call, Listing, Project
from psf.caching.memo import cached_until_change

LATEST_PROJECTS = 5


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    # A copy, because the template engine adds the request and all requests share the value.
    return render(request, "pages/home.html", {**cached_until_change("home", home_context)})


def home_context() -> dict[str, Any]:
    countries = public_countries()
    baltic = country_map(countries)
    amounts = Project.objects.public().money()
    return {
        "figures": [
            {
                "label": _("Funded projects on this site"),
                "value": sum(kind.count for kind in amounts),
            },
            {"label": _("Organisations"), "value": Partner.objects.public().count()},
            {
                "label": _("Countries"),
                "value": sum(country.number_of_projects > 0 for country in countries),
            },
            *amount_figures(amounts),
        ],
        "map": baltic,
        "countries": countries_beside_map(countries, baltic),
        "call": Call.objects.public().for_list().first(),
        "projects": Listing.objects.public().newest(LATEST_PROJECTS),
    }


class Text(TemplateView):
    """A page of text with the mail address of the secretariat."""

    http_method_names = ["get", "head"]
    extra_context = {"address": settings.DEFAULT_FROM_EMAIL}
