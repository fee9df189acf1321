"""The pages of figures."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from partners.models import Country
from projects.figures import comparison, findings
from projects.figures.comparison import comparison_forms
from projects.figures.country_sheet import sheet_context
from projects.figures.records import load_records
from projects.figures.timeline import load_timeline
from projects.list_index.facet_sets import public_sets
from psf.charts.tables import table_as_data
from psf.exports.responses import CONTENT_TYPES, data_view
from psf.http.requests import accepts_parameters
from psf.text.numbers_and_amounts import number_word


@require_safe
def findings_page(request: HttpRequest) -> HttpResponse:
    records = load_records()
    in_order = findings.load_findings(records)
    tables = [findings.TABLES[name](records) for finding in in_order for name in finding.tables]
    context = {
        "findings": in_order,
        "tables": {table.name: table for table in tables},
        "suffixes": list(CONTENT_TYPES),
        "title": _("Figures: %(count)s findings") % {"count": number_word(len(in_order))},
    }
    return render(request, "figures/findings.html", context)


@data_view
def findings_data(request: HttpRequest, name: str, suffix: str) -> HttpResponseBase:
    if name not in findings.TABLES:
        raise Http404
    return table_as_data(findings.TABLES[name](load_records()), suffix)


@require_safe
def country_sheet(request: HttpRequest, slug: str) -> HttpResponse:
    country = get_object_or_404(Country.objects.public().with_memberships(), slug=slug)
    return render(request, "figures/country_sheet.html", sheet_context(country))


@require_safe
def timeline_page(request: HttpRequest) -> HttpResponse:
    records = load_records()
    context = {"records": records, "timeline": load_timeline(records)}
    return render(request, "figures/timeline.html", context)


@require_safe
@accepts_parameters(*comparison.COMPARED)
def comparison_page(request: HttpRequest, query: QueryDict) -> HttpResponse:
    """Records side by side; with fewer than two records, an invitation to choose some."""
    kind = next((kind for kind in comparison.COMPARED if query.getlist(kind)), "")
    slugs = list(dict.fromkeys(query.getlist(kind)))
    compared = comparison.compare_records(kind, slugs) if kind else None
    enough = compared is not None and len(compared.heads) > 1
    has_projects = enough or public_sets().everything.bit_count() > 1
    context = {
        "kind": kind,
        "comparison": compared,
        "enough": enough,
        "too_many": len(slugs) > comparison.MAX_COMPARED,
        "projects": kind in ("", "project") and has_projects,
        "forms": comparison_forms(kind, slugs),
    }
    return render(request, "figures/compare.html", context)
