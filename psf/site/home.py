"""The pages of the site as a whole."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.generic import TemplateView

from partners.pages.countries import country_map, public_countries
from projects.figures.findings import load_findings
from projects.figures.records import load_records
from projects.list_index.facet_sets import public_calls, public_sets
from projects.list_index.index import FREQUENT_TOPICS, NEWEST_PROJECTS, newest_of_groups
from projects.models import Phase
from projects.pages.call_mail import is_offered
from projects.pages.open_call import call_block, closed_sentence, open_calls

HOME_FINDINGS = ["applications", "coverage", "countries"]


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/home.html", home_context())


def home_context() -> dict[str, Any]:
    calls, everything = public_calls(), public_sets().everything
    countries = public_countries()
    records = load_records(countries, calls)
    coming = [call for call in calls if call.phase() == Phase.COMING]
    return {
        "blocks": [call_block(call) for call in open_calls()],
        "coming": next(reversed(coming), None),
        "closed": closed_sentence(calls),
        "offers_mail": is_offered(),
        "topics": records.topics[:FREQUENT_TOPICS],
        "map": country_map(countries),
        "findings": load_findings(records, HOME_FINDINGS),
        "projects": newest_of_groups(NEWEST_PROJECTS, everything)[0],
        "number_of_projects": everything.bit_count(),
    }


class Text(TemplateView):
    """A page of text with the mail address of the secretariat."""

    http_method_names = ["get", "head"]
    extra_context = {"address": settings.DEFAULT_FROM_EMAIL}
