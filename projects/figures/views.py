"""The pages of figures. What a table says is in a module of its own for each page."""

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from partners.models import Country
from projects import amounts as money
from projects.figures import (
    comparison as comparing,
)
from projects.figures import (
    cooperation,
    network,
    overview,
)
from projects.figures import (
    country_sheet as sheet,
)
from projects.figures import (
    project_map as places,
)
from projects.figures import (
    totals as sums,
)
from psf.charts.tables import csv_response, sorted_tables, table_as_csv
from psf.http.query_parameters import accepts_parameters

OVERVIEW = {
    "calls": overview.funnel_table,
    "years": overview.year_table,
    "priorities": overview.priority_table,
    "countries": overview.country_table,
    "kinds": overview.kind_table,
}


@require_safe
@accepts_parameters("sort")
def figures(request: HttpRequest, query: QueryDict) -> HttpResponse:
    whole = sums.whole()
    tables = [make(whole) for make in OVERVIEW.values()]
    _calls, years, priorities, countries, kinds = tables
    everything = whole.altogether()
    context = {
        "figures": [
            {"label": _("Funded projects shown here"), "value": everything.projects},
            *money.figures(everything.money()),
        ],
        "tables": sorted_tables(tables, query.get("sort", "")),
        "funnel": overview.funnel_picture(whole),
        "years": overview.sums_picture(years, _("Projects by year")),
        "money": overview.money_picture(whole.years()),
        "priorities": overview.sums_picture(priorities, _("Projects by priority")),
        "countries": overview.sums_picture(countries, _("Projects by country")),
        "kinds": overview.sums_picture(kinds, _("Projects by kind of partner")),
    }
    return render(request, "figures/overview.html", context)


@require_safe
def figures_csv(request: HttpRequest, name: str) -> HttpResponseBase:
    if name not in OVERVIEW:
        raise Http404
    return table_as_csv(OVERVIEW[name](sums.whole()))


COOPERATION = {
    "pairs": cooperation.pair_table,
    "gaps": cooperation.gap_table,
}


@require_safe
@accepts_parameters("sort")
def cooperation_page(request: HttpRequest, query: QueryDict) -> HttpResponse:
    sort, known = query.get("sort", ""), cooperation.shared()
    now, former = cooperation.gaps(known, timezone.localdate())
    returned = cooperation.comeback_table(cooperation.order_in(sort))
    context = {
        "tables": sorted_tables([cooperation.pair_table(known), returned], sort),
        "matrix": cooperation.picture(known),
        "gaps": now,
        "former_gaps": former,
        "members": known.members_on(timezone.localdate()),
    }
    return render(request, "figures/cooperation.html", context)


@require_safe
def cooperation_csv(request: HttpRequest, name: str) -> HttpResponseBase:
    if name == "organisations":
        lines = cooperation.comeback_lines()
        return csv_response(name, cooperation.comeback_heads(), lines)
    if name not in COOPERATION:
        raise Http404
    return table_as_csv(COOPERATION[name](cooperation.shared()))


@require_safe
@accepts_parameters("sort", *places.PARAMETERS)
def map_page(request: HttpRequest, query: QueryDict) -> HttpResponse:
    """The map of what the list of projects shows with the same filter."""
    chosen = places.filter_of(query)
    valid = chosen.is_valid()
    found = places.numbers(chosen) if valid else {}
    asked = chosen.query()
    address = f"?{asked.urlencode()}&" if asked else "?"
    table = places.table(found, asked)
    context = {
        "valid": valid,
        "chosen": chosen.chosen() if valid else [],
        "query": asked,
        "map": places.map_of(found),
        "tables": sorted_tables([table], query.get("sort", ""), address),
    }
    return render(request, "figures/map.html", context, status=200 if valid else 400)


@require_safe
@accepts_parameters(*places.PARAMETERS)
def map_csv(request: HttpRequest, query: QueryDict) -> HttpResponseBase:
    chosen = places.filter_of(query)
    if not chosen.is_valid():
        raise BadRequest(_("The list of projects has no such filter."))
    return table_as_csv(places.table(places.numbers(chosen), chosen.query()))


def _country(slug: str) -> Country:
    return get_object_or_404(Country.objects.public().with_memberships(), slug=slug)


@require_safe
def country_sheet(request: HttpRequest, slug: str) -> HttpResponse:
    country = _country(slug)
    lines, organisations, projects = sheet.sheet_of(country)
    total = sum(line.projects for line in lines)
    context = {
        "country": country,
        "standing": country.standing_on(timezone.localdate()),
        "figures": [
            {"label": _("Projects"), "value": total},
            {"label": _("Projects led"), "value": sum(line.led for line in lines)},
            {"label": _("Organisations"), "value": organisations},
        ],
        "table": sheet.table(country, lines),
        "projects": projects,
        "more": total - len(projects),
    }
    return render(request, "figures/sheet.html", context)


@require_safe
def country_sheet_csv(request: HttpRequest, slug: str) -> HttpResponseBase:
    country = _country(slug)
    return table_as_csv(sheet.table(country, sheet.sheet_of(country).lines))


@require_safe
@accepts_parameters(*comparing.KINDS)
def compare(request: HttpRequest, query: QueryDict) -> HttpResponse:
    """Records side by side; with fewer than two, how to choose some."""
    kind = comparing.kind_of(query)
    slugs = query.getlist(kind)
    comparison = comparing.compared(kind, slugs) if kind else None
    context = {
        "kind": kind,
        "comparison": comparison,
        "enough": comparison is not None and len(comparison.heads) > 1,
        "too_many": len(slugs) > comparing.MOST,
        "choices": comparing.choices(kind, slugs),
    }
    return render(request, "figures/compare.html", context)


@require_safe
@accepts_parameters("partner", "project", "sort")
def network_page(request: HttpRequest, query: QueryDict) -> HttpResponse:
    found = network.asked(query)
    address = f"?{found.kind}={found.record.slug}&"
    context = {
        "record": found.record,
        "name": str(found.record),
        "language": found.language,
        "picture": found.picture,
        "numbered": found.numbered,
        "tables": sorted_tables([found.table], query.get("sort", ""), address),
    }
    return render(request, "figures/network.html", context)


@require_safe
@accepts_parameters("partner", "project")
def network_csv(request: HttpRequest, query: QueryDict) -> HttpResponseBase:
    return table_as_csv(network.asked(query).table)
