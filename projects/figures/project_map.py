"""The map of filtered projects: numbers of projects and of led projects by country."""

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from partners.models import Country
from projects.list_index.facet_sets import public_sets
from projects.pages.filters import ProjectFilterSet
from psf.charts.baltic_map import BalticMap, baltic_map
from psf.charts.tables import Cell, Column, Table
from psf.database.keysets import sizes
from psf.text.urls import slug_url

PARAMETERS = [name for name in ProjectFilterSet.base_filters if name != "sort"]


def filter_of(query: QueryDict) -> ProjectFilterSet:
    """The filter of the list of projects, with the same parameters."""
    parameters = query.copy()
    parameters.pop("sort", None)
    return ProjectFilterSet(parameters)


def country_numbers(filters: ProjectFilterSet) -> dict[str, tuple[str, int, int]]:
    """By country code: the name, projects with a partner there, and projects led from there."""
    facets = public_sets().values
    joined, led = (sizes(facets[name], filters.remaining) for name in ["country", "lead"])
    names = Country.objects.filter(pk__in=joined).values_list("code", "name")
    return {code: (name, joined[code], led.get(code, 0)) for code, name in names}


def project_map(numbers: dict[str, tuple[str, int, int]]) -> BalticMap:
    return baltic_map({code: projects for code, (_name, projects, _led) in numbers.items()})


def project_map_table(numbers: dict[str, tuple[str, int, int]], query: QueryDict) -> Table:
    """The numbers of the map, most projects first; `query` has the parameters of the filter."""
    lines = sorted(numbers.items(), key=lambda line: (-line[1][1], line[1][0]))
    rows = [
        [
            Cell(name, url=slug_url("partners:country-detail", code.lower())),
            Cell(projects),
            Cell(led),
        ]
        for code, (name, projects, led) in lines
    ]
    columns = [
        Column("country", _("Country"), numeric=False),
        Column("projects", _("Projects")),
        Column("led", _("Led")),
    ]
    address = f"{reverse('figures:map-data', args=['csv'])}?{query.urlencode()}".rstrip("?")
    return Table("places", _("Projects by country"), columns, rows, csv_url=address)
