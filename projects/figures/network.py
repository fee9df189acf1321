"""Who works with whom: the partners of one organisation, and the ties within one project."""

from itertools import combinations
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, Count, F, Q, QuerySet
from django.http import QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from partners.models import Partner
from projects.models import ListedPart, Partnership, Project
from psf.charts.charts import Network, ring, star
from psf.charts.tables import Cell, Column, Table
from psf.database.prepared import AT, Parameter, Prepared, PreparedForKeys
from psf.text.languages import foreign_language
from psf.text.urls import slug_url

# A picture has room for so many numbered circles, a page for so many rows.
ON_A_PICTURE = 20
ON_A_PAGE = 100
# On the page of an organisation there are fewer: one less than this.
NEAREST = 11
PARTNER = Parameter("partner", BigIntegerField())
FIELDS = ["name", "name_language", "slug", "country__name"]


class Neighbour(NamedTuple):
    """An organisation, and how many public projects it shares with the one that is asked about."""

    name: str
    language: str
    slug: str
    country: str
    shared: int

    def cell(self) -> Cell:
        url = slug_url("partners:partner-detail", self.slug)
        return Cell(self.name, url=url, language=foreign_language(self.language))


@Prepared
def _nearest() -> QuerySet:
    """The keys of the organisations that share most projects with one, and how many these are."""
    parts = Partnership.objects.filter(partner__isnull=False).exclude(partner=PARTNER)
    own = ListedPart.objects.public(AT).filter(partner=PARTNER).values("project")
    shared = parts.filter(project__in=own).order_by().values("partner")
    counted = shared.annotate(shared=Count("project", distinct=True))
    return counted.order_by("-shared", "partner_id").values_list("partner", "shared")[:NEAREST]


@PreparedForKeys
def _named(keys: list[Any]) -> QuerySet:
    return Partner.objects.filter(pk__in=keys).order_by("folded", "slug").values_list("pk", *FIELDS)


def nearest_to(partner: Partner) -> list[Neighbour]:
    """The organisations that share most public projects with it, and no more than `NEAREST`."""
    shared = dict(_nearest(partner=partner.pk))
    found = [
        Neighbour(name, language, slug, country, shared[key])
        for key, name, language, slug, country in _named.of(shared)
    ]
    return sorted(found, key=lambda other: -other.shared)


def neighbours_of(partner: Partner) -> list[Neighbour]:
    """The organisations of its public projects, those that share most of them first."""
    other = "project__partnerships__partner"
    rows = (
        Partnership.objects.public()
        .filter(partner=partner)
        .filter(Q(**{f"{other}__lt": partner.pk}) | Q(**{f"{other}__gt": partner.pk}))
        .order_by()
        .values_list(*(f"{other}__{name}" for name in FIELDS))
        .annotate(shared=Count("project", distinct=True))
        .order_by("-shared", f"{other}__folded", f"{other}__slug")
    )
    return [Neighbour(*row[:5]) for row in rows]


def partner_table(partner: Partner, found: list[Neighbour]) -> Table:
    rows = [[other.cell(), Cell(other.country), Cell(other.shared)] for other in found]
    columns = [
        Column("organisation", _("Organisation"), numeric=False),
        Column("country", _("Country"), numeric=False),
        Column("shared", _("Shared projects")),
    ]
    caption = _("Organisations with which it shares projects")
    return Table("network", caption, columns, rows, _address("partner", partner), most=ON_A_PAGE)


def _organisation(partner: Partner) -> Cell:
    language = foreign_language(partner.name_language)
    return Cell(partner.name, url=partner.get_absolute_url(), language=language)


def _address(kind: str, record: Any) -> str:
    return f"{reverse('figures:network-csv')}?{kind}={record.slug}"


def _picture_in_words() -> str:
    return _(
        "A numbered circle for each organisation, in the order of the list; "
        "the thicker a line, the more projects the two share."
    )


def partner_picture(partner: Partner, found: list[Neighbour]) -> Network:
    return star(
        "network-picture",
        _("Partners of %(name)s") % {"name": partner},
        _picture_in_words(),
        [other.shared for other in found[:ON_A_PICTURE]],
    )


def ties_of(project: Project) -> tuple[list[Partner], dict[tuple[int, int], int]]:
    """Its organisations in the order of its list, and how many public projects every two share.

    `project` comes from `for_page()`. The pairs are places in the list of organisations.
    """
    partners = list(dict.fromkeys(row.partner for row in project.partnerships.all() if row.partner))
    keys = [partner.pk for partner in partners]
    other = "project__partnerships__partner"
    rows = (
        Partnership.objects.public()
        .filter(partner__in=keys, **{f"{other}__in": keys, f"{other}__gt": F("partner")})
        .order_by()
        .values_list("partner", other)
        .annotate(shared=Count("project", distinct=True))
    )
    found = {frozenset([one, two]): shared for one, two, shared in rows}
    return partners, {
        (one, two): found[frozenset([keys[one], keys[two]])]
        for one, two in combinations(range(len(keys)), 2)
    }


def project_table(
    project: Project, partners: list[Partner], ties: dict[tuple[int, int], int]
) -> Table:
    """Every two of its organisations, with the projects that they share, this one included."""
    rows = [
        [_organisation(partners[one]), _organisation(partners[two]), Cell(shared)]
        for (one, two), shared in ties.items()
    ]
    columns = [
        Column("one", _("Organisation"), numeric=False),
        Column("other", _("With"), numeric=False),
        Column("shared", _("Shared projects")),
    ]
    caption = _("Projects that its organisations share, this one included")
    return Table("network", caption, columns, rows, _address("project", project))


def project_picture(
    project: Project, partners: list[Partner], ties: dict[tuple[int, int], int]
) -> Network:
    shown = {pair: shared for pair, shared in ties.items() if max(pair) < ON_A_PICTURE}
    return ring(
        "network-picture",
        _("Partners of %(name)s") % {"name": project},
        _picture_in_words(),
        min(len(partners), ON_A_PICTURE),
        shown,
    )


class Asked(NamedTuple):
    """The organisation or the project that an address names, with its table and picture.

    `numbered` are the organisations of the picture, in the order of their numbers.
    """

    kind: str
    record: Any
    language: str
    table: Table
    picture: Network
    numbered: list[Cell]


def asked(query: QueryDict) -> Asked:
    """What the address asks for; raises Http404 where that is nothing that readers may see."""
    if slug := query.get("partner"):
        partner = get_object_or_404(Partner.objects.public(), slug=slug)
        found = neighbours_of(partner)
        return Asked(
            "partner",
            partner,
            foreign_language(partner.name_language),
            partner_table(partner, found),
            partner_picture(partner, found),
            [other.cell() for other in found[:ON_A_PICTURE]],
        )
    project = get_object_or_404(Project.objects.public().for_page(), slug=query.get("project", ""))
    ties = ties_of(project)
    return Asked(
        "project",
        project,
        foreign_language(project.title_language),
        project_table(project, *ties),
        project_picture(project, *ties),
        [_organisation(partner) for partner in ties[0][:ON_A_PICTURE]],
    )
