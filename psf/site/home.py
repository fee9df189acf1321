"""The pages of the site as a whole."""

from collections import defaultdict
from datetime import UTC, datetime
from typing import Any, cast

from django.conf import settings
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.generic import TemplateView

from partners.pages.countries import public_countries
from partners.pages.country_detail import countries_beside_map, country_map
from partners.pages.list_index import public_partner_sets
from projects.amounts import amount_figures
from projects.eligibility.rules import rules_of
from projects.list_index.facet_sets import money_of, public_calls, public_sets
from projects.list_index.index import newest_projects
from projects.models import Call, Phase
from projects.pages.coverage import coverage_of
from psf.database.keysets import union
from psf.site.search import SearchForm

LATEST_PROJECTS = 5


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/home.html", home_context())


def home_context() -> dict[str, Any]:
    calls, sets, countries = public_calls(), public_sets(), public_countries()
    baltic, amounts = country_map(countries), money_of(sets.everything)
    numbers = sets.numbers_by_call()
    for call in cast(Any, calls):
        call.number_of_projects = numbers.get(call.pk, 0)
    number_of_countries = sum(country.number_of_projects > 0 for country in countries)
    number_of_partners = union(public_partner_sets()["country"].values()).bit_count()
    number_of_projects = sum(kind.count for kind in amounts)
    return {
        "search_form": SearchForm().html(),
        "figures": [
            {"label": _("Funded projects on this site"), "value": number_of_projects},
            {"label": _("Named organisations"), "value": number_of_partners},
            {"label": _("Countries"), "value": number_of_countries},
            *amount_figures(amounts),
        ],
        "coverage": coverage_of(calls, numbers),
        "map": baltic,
        "countries": countries_beside_map(countries, baltic),
        **current_calls(calls),
        "projects": newest_projects(sets.everything, LATEST_PROJECTS),
    }


def current_calls(calls: list[Call]) -> dict[str, Any]:
    """The open calls with their rules, the next call, and the newest one if there is neither."""
    never = datetime.max.replace(tzinfo=UTC)
    phases = defaultdict(list)
    for call in calls:
        phases[call.phase()].append(call)
    open_calls = sorted(phases[Phase.OPEN], key=lambda call: call.closes_at or never)
    coming = sorted(phases[Phase.COMING], key=lambda call: call.opens_at or never)
    newest = [] if open_calls or coming else calls
    prefetch_related_objects([*open_calls, *coming[:1], *newest[:1]], "priorities")
    return {
        "open_calls": [(call, rules_of(call)) for call in open_calls],
        "next_call": next(iter(coming), None),
        "newest_call": next(iter(newest), None),
    }


class Text(TemplateView):
    """A page of text with the mail address of the secretariat."""

    http_method_names = ["get", "head"]
    extra_context = {"address": settings.DEFAULT_FROM_EMAIL}
