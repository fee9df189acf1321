"""The map of the projects that a filter leaves: how many take part, and how many lead."""

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from projects.models import Listing
from projects.pages.filters import ProjectFilter
from psf.charts.baltic_map import BalticMap, baltic_map
from psf.charts.tables import Cell, Column, Table
from psf.text.urls import slug_url

PARAMETERS = [name for name in ProjectFilter.base_filters if name != "sort"]


def filter_of(query: QueryDict) -> ProjectFilter:
    """The filter of the list of projects, asked for by the same parameters."""
    asked = query.copy()
    asked.pop("sort", None)
    return ProjectFilter(asked, Listing.objects.public())


def numbers(chosen: ProjectFilter) -> dict[str, tuple[str, int, int]]:
    """By code: name, projects with a partner from there, and projects led from there."""
    whole = chosen.whole
    found = whole.sizes(chosen.left, ["country", "lead"])
    return {
        whole.countries[slug][0]: (whole.countries[slug][1], number, found["lead"].get(slug, 0))
        for slug, number in found["country"].items()
    }


def map_of(found: dict[str, tuple[str, int, int]]) -> BalticMap:
    return baltic_map({code: projects for code, (_name, projects, _led) in found.items()})


def table(found: dict[str, tuple[str, int, int]], query: QueryDict) -> Table:
    """The numbers of the map, most projects first; `query` is the filter in words of an address."""
    lines = sorted(found.items(), key=lambda line: (-line[1][1], line[1][0]))
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
    address = f"{reverse('figures:map-csv')}?{query.urlencode()}".rstrip("?")
    return Table("places", _("Projects by country"), columns, rows, csv_url=address)
