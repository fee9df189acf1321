"""The pages of figures."""

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from projects.amounts import amount_figures
from projects.figures import comparison, cooperation, overview
from projects.figures.comparison import comparison_forms
from projects.figures.country_sheet import load_country, load_sheet, year_table_of
from projects.figures.totals import load_totals
from projects.list_index.facet_sets import public_sets
from projects.pages.coverage import load_coverage
from psf.charts.tables import sorted_tables, table_as_data
from psf.exports.responses import data_view, table_response
from psf.http.requests import accepts_parameters

OVERVIEW = {
    "calls": overview.funnel_table,
    "years": overview.year_table,
    "priorities": overview.priority_table,
    "countries": overview.country_table,
    "kinds": overview.kind_table,
}


@require_safe
@accepts_parameters("sort")
def overview_page(request: HttpRequest, query: QueryDict) -> HttpResponse:
    totals = load_totals()
    tables = [make_table(totals) for make_table in OVERVIEW.values()]
    _calls, years, priorities, countries, kinds = tables
    context = {
        "coverage": totals.coverage(totals.calls),
        "figures": [
            {"label": _("Funded projects on this site"), "value": totals.grand_total.projects},
            *amount_figures(totals.grand_total.money()),
        ],
        "tables": sorted_tables(tables, query.get("sort", "")),
        "funnel": overview.funnel_picture(totals),
        "years": overview.year_picture(totals, years),
        "money": overview.money_picture(totals),
        "priorities": overview.sums_picture(priorities),
        "countries": overview.sums_picture(countries),
        "kinds": overview.sums_picture(kinds),
    }
    return render(request, "figures/overview.html", context)


@data_view
def overview_data(request: HttpRequest, name: str, suffix: str) -> HttpResponseBase:
    if name not in OVERVIEW:
        raise Http404
    return table_as_data(OVERVIEW[name](load_totals()), suffix)


COOPERATION = {"pairs": cooperation.pair_table, "gaps": cooperation.gap_table}


@require_safe
@accepts_parameters("sort")
def cooperation_page(request: HttpRequest, query: QueryDict) -> HttpResponse:
    sort, today = query.get("sort", ""), timezone.localdate()
    shared = cooperation.load_shared_projects()
    current, former = cooperation.gaps(shared, today)
    returning = cooperation.returning_table(cooperation.order_of(sort))
    context = {
        "coverage": load_coverage(),
        "tables": sorted_tables([cooperation.pair_table(shared), returning], sort),
        "matrix": cooperation.member_matrix(shared),
        "gaps": current,
        "former_gaps": former,
        "members": shared.members_on(today),
    }
    return render(request, "figures/cooperation.html", context)


@data_view
def cooperation_data(request: HttpRequest, name: str, suffix: str) -> HttpResponseBase:
    if name == "organisations":
        return table_response(suffix, cooperation.returning_data())
    if name not in COOPERATION:
        raise Http404
    return table_as_data(COOPERATION[name](cooperation.load_shared_projects()), suffix)


@require_safe
@accepts_parameters("sort", *overview.PARAMETERS)
def map_page(request: HttpRequest, query: QueryDict) -> HttpResponse:
    """The map of the projects that the list shows with the same filter."""
    filters = overview.filter_of(query)
    valid = filters.is_valid()
    numbers = overview.country_numbers(filters) if valid else {}
    parameters = filters.query()
    address = f"?{parameters.urlencode()}&" if parameters else "?"
    table = overview.project_map_table(numbers, parameters)
    context = {
        "valid": valid,
        "chosen": filters.chosen() if valid else [],
        "query": parameters,
        "map": overview.project_map(numbers),
        "tables": sorted_tables([table], query.get("sort", ""), address),
    }
    return render(request, "figures/map.html", context, status=200 if valid else 400)


@data_view
@accepts_parameters(*overview.PARAMETERS)
def map_data(request: HttpRequest, query: QueryDict, suffix: str) -> HttpResponseBase:
    filters = overview.filter_of(query)
    if not filters.is_valid():
        raise BadRequest(filters.form.error_sentence())
    numbers = overview.country_numbers(filters)
    return table_as_data(overview.project_map_table(numbers, filters.query()), suffix)


@require_safe
def country_sheet(request: HttpRequest, slug: str) -> HttpResponse:
    country, today = load_country(slug), timezone.localdate()
    lines, organisations, amounts, projects = load_sheet(country)
    total = sum(line.projects for line in lines)
    context = {
        "country": country,
        "today": today,
        "membership": country.membership_on(today),
        "figures": [
            {"label": _("Projects"), "value": total},
            {"label": _("Projects led"), "value": sum(line.led for line in lines)},
            {
                "label": _("Named partners"),
                "value": None if total and not organisations else organisations,
                "unknown": _("not named"),
            },
        ],
        "amounts": amounts,
        "coverage": load_coverage(),
        "table": year_table_of(country, lines),
        "projects": projects,
        "more": total - len(projects),
    }
    return render(request, "figures/country_sheet.html", context)


@data_view
def country_sheet_data(request: HttpRequest, slug: str, suffix: str) -> HttpResponseBase:
    country = load_country(slug)
    return table_as_data(year_table_of(country, load_sheet(country).lines), suffix)


@require_safe
@accepts_parameters(*comparison.COMPARED_KINDS)
def comparison_page(request: HttpRequest, query: QueryDict) -> HttpResponse:
    """Records side by side; with fewer than two records, an invitation to choose some."""
    kind = next((kind for kind in comparison.COMPARED_KINDS if query.getlist(kind)), "")
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


@require_safe
@accepts_parameters("partner", "project", "sort")
def network_page(request: HttpRequest, query: QueryDict) -> HttpResponse:
    """The network of one record; without a record, the page that leads to the networks."""
    if not query.keys() & {"partner", "project"}:
        return redirect("figures:cooperation")
    page = cooperation.load_network(query)
    address = f"?{page.kind}={page.record.slug}&"
    context = {
        "record": page.record,
        "name": str(page.record),
        "language": page.language,
        "tables": sorted_tables([page.table], query.get("sort", ""), address),
    }
    return render(request, "figures/network.html", context)


@data_view
@accepts_parameters("partner", "project")
def network_data(request: HttpRequest, query: QueryDict, suffix: str) -> HttpResponseBase:
    return table_as_data(cooperation.load_network(query).table, suffix)
