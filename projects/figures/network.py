"""Networks: the partners of one organisation, and the ties within one project."""

from itertools import combinations
from typing import Any, NamedTuple

from django.db.models import Count, F, Q
from django.http import QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from partners.models import Partner
from partners.slugs import with_winners
from projects.models import Partnership, Project
from psf.charts.tables import Cell, Column, Table
from psf.text.languages import foreign_language
from psf.text.urls import slug_url

MAX_ROWS = 100
# The page of an organisation shows one less and links to the full table.
NEAREST = 11
FIELDS = ["name", "name_language", "slug", "country__name"]


class Neighbour(NamedTuple):
    """An organisation, and its number of public projects shared with a given organisation."""

    name: str
    language: str
    slug: str
    country: str
    shared: int

    def cell(self) -> Cell:
        url = slug_url("partners:partner-detail", self.slug)
        return Cell(self.name, url=url, language=foreign_language(self.language))


def nearest_to(partner: Partner) -> list[Neighbour]:
    """The organisations with most shared public projects, at most `NEAREST`."""
    own = Partnership.objects.public().filter(partner=partner).values("project")
    parts = Partnership.objects.filter(partner__isnull=False, project__in=own)
    counted = parts.exclude(partner=partner).order_by().values("partner")
    counted = counted.annotate(shared=Count("project", distinct=True))
    nearest = counted.order_by("-shared", "partner_id").values_list("partner", "shared")
    shared = dict(nearest[:NEAREST])
    rows = Partner.objects.filter(pk__in=shared).order_by("folded", "slug")
    neighbours = [
        Neighbour(name, language, slug, country, shared[key])
        for key, name, language, slug, country in rows.values_list("pk", *FIELDS)
    ]
    return sorted(neighbours, key=lambda neighbour: -neighbour.shared)


def neighbours_of(partner: Partner) -> dict[str, Any]:
    """The nearest organisations, for the page of the organisation."""
    nearest = nearest_to(partner)
    neighbours = nearest[: NEAREST - 1]
    return {
        "neighbours": [(neighbour.cell(), neighbour) for neighbour in neighbours],
        "more": len(nearest) == NEAREST,
    }


def all_neighbours(partner: Partner) -> list[Neighbour]:
    """All organisations in the same public projects, most shared projects first."""
    neighbour = "project__partnerships__partner"
    rows = (
        Partnership.objects.public()
        .filter(partner=partner)
        .filter(Q(**{f"{neighbour}__lt": partner.pk}) | Q(**{f"{neighbour}__gt": partner.pk}))
        .order_by()
        .values_list(*(f"{neighbour}__{name}" for name in FIELDS))
        .annotate(shared=Count("project", distinct=True))
        .order_by("-shared", f"{neighbour}__folded", f"{neighbour}__slug")
    )
    return [Neighbour(*row[:5]) for row in rows]


def partner_table(partner: Partner, neighbours: list[Neighbour]) -> Table:
    rows = [[row.cell(), Cell(row.country), Cell(row.shared)] for row in neighbours]
    columns = [
        Column("organisation", _("Organisation"), numeric=False),
        Column("country", _("Country"), numeric=False),
        Column("shared", _("Shared projects")),
    ]
    caption = _("Organisations with shared projects")
    return Table("network", caption, columns, rows, _address("partner", partner), most=MAX_ROWS)


def organisation_cell(partner: Partner) -> Cell:
    language = foreign_language(partner.name_language)
    return Cell(partner.name, url=partner.get_absolute_url(), language=language)


def _address(kind: str, record: Partner | Project) -> str:
    return f"{reverse('figures:network-data', args=['csv'])}?{kind}={record.slug}"


def ties_of(project: Project) -> tuple[list[Partner], dict[tuple[int, int], int]]:
    """The organisations of a project in order, and the shared public projects of each pair.

    `project` comes from `for_page()`. A pair consists of two places in the list of organisations.
    """
    partners = list(dict.fromkeys(row.partner for row in project.partnerships.all() if row.partner))
    keys = [partner.pk for partner in partners]
    neighbour = "project__partnerships__partner"
    rows = (
        Partnership.objects.public()
        .filter(partner__in=keys, **{f"{neighbour}__in": keys, f"{neighbour}__gt": F("partner")})
        .order_by()
        .values_list("partner", neighbour)
        .annotate(shared=Count("project", distinct=True))
    )
    shared_by_pair = {frozenset([first, second]): shared for first, second, shared in rows}
    return partners, {
        (first, second): shared_by_pair[frozenset([keys[first], keys[second]])]
        for first, second in combinations(range(len(keys)), 2)
    }


def project_table(
    project: Project, partners: list[Partner], ties: dict[tuple[int, int], int]
) -> Table:
    """Each pair of organisations with the number of shared projects, including this project."""
    rows = [
        [organisation_cell(partners[first]), organisation_cell(partners[second]), Cell(shared)]
        for (first, second), shared in ties.items()
    ]
    columns = [
        Column("one", _("Organisation"), numeric=False),
        Column("other", _("With"), numeric=False),
        Column("shared", _("Shared projects")),
    ]
    caption = _("Projects shared by the organisations, including this project")
    return Table("network", caption, columns, rows, _address("project", project))


class NetworkPage(NamedTuple):
    """An organisation or a project, with a table of the network."""

    kind: str
    record: Partner | Project
    language: str
    table: Table


def load_network(query: QueryDict) -> NetworkPage:
    """The network of the record in the address. Raises Http404 unless the record is public."""
    if slug := with_winners(query).get("partner"):
        partner = get_object_or_404(Partner.objects.public(), slug=slug)
        table = partner_table(partner, all_neighbours(partner))
        return NetworkPage("partner", partner, foreign_language(partner.name_language), table)
    project = get_object_or_404(Project.objects.public().for_page(), slug=query.get("project", ""))
    table = project_table(project, *ties_of(project))
    return NetworkPage("project", project, foreign_language(project.title_language), table)
