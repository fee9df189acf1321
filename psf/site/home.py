"""The pages of the site as a whole."""

from datetime import UTC, datetime
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
from projects.eligibility.rules import rules_of
from projects.models import Call, Listing, Phase, Project
from projects.pages.coverage import coverage_of
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
    calls: list[Any] = list(Call.objects.public().for_list())
    return {
        "figures": [
            {
                "label": _("Funded projects on this site"),
                "value": sum(kind.count for kind in amounts),
            },
            {"label": _("Named organisations"), "value": Partner.objects.public().count()},
            {
                "label": _("Countries"),
                "value": sum(country.number_of_projects > 0 for country in countries),
            },
            *amount_figures(amounts),
        ],
        "coverage": coverage_of(calls, {call.pk: call.number_of_projects for call in calls}),
        "map": baltic,
        "countries": countries_beside_map(countries, baltic),
        **current_calls(calls),
        "projects": Listing.objects.public().newest(LATEST_PROJECTS),
    }


def current_calls(calls: list[Call]) -> dict[str, Any]:
    """The open calls with their rules, the next call, and the newest one if there is neither."""
    never = datetime.max.replace(tzinfo=UTC)
    phases = {phase: [call for call in calls if call.phase() == phase] for phase in Phase}
    open_calls = sorted(phases[Phase.OPEN], key=lambda call: call.closes_at or never)
    coming = sorted(phases[Phase.COMING], key=lambda call: call.opens_at or never)
    newest = [] if open_calls or coming else calls
    return {
        "open_calls": [(call, rules_of(call)) for call in open_calls],
        "next_call": next(iter(coming), None),
        "newest_call": next(iter(newest), None),
    }


class Text(TemplateView):
    """A page of text with the mail address of the secretariat."""

    http_method_names = ["get", "head"]
    extra_context = {"address": settings.DEFAULT_FROM_EMAIL}
