"""Narrow rows of what readers may see, now or from a set moment on. The database keeps them.

Triggers write them with every change of a project, its parts, its call and its partners,
whoever makes it (`projects.list_index.triggers`); nothing else may. They hold what lists are
ordered, narrowed and counted by, so that none of it takes a join.
"""

from typing import Any, Self

from django.db import models

from partners.models import Country, Partner
from projects.models.list_items import FIELDS, FIELDS_OF_A_PART, ListedProject, PartInList
from projects.models.publication import is_public
from projects.search import PROJECTS
from psf.database.parameters import NOW, Moment
from psf.database.prepared import PreparedForKeys

from .calls import Call
from .partnerships import Partnership
from .projects import Project


class ListingQuerySet(models.QuerySet["Listing"]):
    index = PROJECTS

    def public(self, at: Moment = None) -> Self:
        """The projects that anyone may see at this moment (`at`, or now)."""
        return self.filter(is_public(at, through=""))

    def newest(self, number: int) -> list[ListedProject]:
        """So many of the projects, in the order of lists, with all that a row shows."""
        return self.order_by("-closes_at", "reference")[:number]._in_rows()

    def projects(self) -> list[ListedProject]:
        """The projects of these few rows in their order, with all that a row of a list shows."""
        # Those passed over on the way to a late page are read from an index alone.
        return projects_of(list(self.values_list("pk", flat=True)))

    def _in_rows(self) -> list[ListedProject]:
        return _with_parts(list(self.values_list(*(f"project__{name}" for name in FIELDS))))


def projects_of(keys: list[int]) -> list[ListedProject]:
    """Those of these few projects that are public, in this order, as rows of a list."""
    rows = {row[0]: row for row in _rows.of(keys)}
    return _with_parts([rows[key] for key in keys if key in rows])


@PreparedForKeys
def _rows(keys: list[Any]) -> models.QuerySet:
    return Project.objects.public(NOW).filter(pk__in=keys).order_by().values_list(*FIELDS)


@PreparedForKeys
def _parts(keys: list[Any]) -> models.QuerySet:
    return Partnership.objects.filter(project__pk__in=keys).values_list(*FIELDS_OF_A_PART)


def _with_parts(rows: list[tuple[Any, ...]]) -> list[ListedProject]:
    parts: dict[int, list[PartInList]] = {row[0]: [] for row in rows}
    for part in map(PartInList._make, _parts.of(parts)):
        parts[part.project].append(part)
    return [ListedProject(parts[row[0]], *row) for row in rows]


class Listing(models.Model):
    """A project that is public from `since` on; see `projects.models.publication` for the rule.

    Where the closing of its call is not known, `closes_at` lies in the year 9999. `memberships`
    holds when its countries were member states, for `list_index.membership_facet`. `mark`
    changes with every write that lists count.
    """

    project = models.OneToOneField(
        Project,
        on_delete=models.DO_NOTHING,
        primary_key=True,
        db_constraint=False,
        related_name="listing",
    )
    since = models.DateTimeField()
    call = models.ForeignKey(
        Call, on_delete=models.DO_NOTHING, db_constraint=False, related_name="listings"
    )
    closes_at = models.DateTimeField()
    reference = models.CharField(max_length=30)
    title = models.CharField(max_length=300)
    status = models.CharField(max_length=12)
    has_amount = models.BooleanField()
    memberships = models.TextField()
    mark = models.BigIntegerField()

    objects = ListingQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "projects_listing"

    def __str__(self) -> str:
        return self.reference


class ListedPartQuerySet(models.QuerySet["ListedPart"]):
    def public(self, at: Moment = None) -> Self:
        """The parts that anyone may see at this moment (`at`, or now)."""
        return self.filter(is_public(at, through=""))

    def for_countries(self) -> Self:
        """One part for each country of a project."""
        return self.filter(first_of_country=True)

    def leading(self) -> Self:
        """The parts of lead partners."""
        return self.filter(leads=True)


class ListedPart(models.Model):
    """One part in a project that is public from `since` on.

    `seat` and `kind` are those of the organisation. Of the parts of one project for one
    country one is the `first_of_country`, so that a project counts once for it; likewise
    for a kind of organisation.
    """

    partnership = models.OneToOneField(
        Partnership,
        on_delete=models.DO_NOTHING,
        primary_key=True,
        db_constraint=False,
        related_name="listed",
    )
    project = models.ForeignKey(
        Project, on_delete=models.DO_NOTHING, db_constraint=False, related_name="listed_parts"
    )
    call = models.ForeignKey(
        Call, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    country = models.ForeignKey(
        Country, on_delete=models.DO_NOTHING, db_constraint=False, related_name="listed_parts"
    )
    partner = models.ForeignKey(
        Partner,
        on_delete=models.DO_NOTHING,
        null=True,
        db_constraint=False,
        related_name="listed_parts",
    )
    seat = models.ForeignKey(
        Country, on_delete=models.DO_NOTHING, null=True, db_constraint=False, related_name="+"
    )
    kind = models.CharField(max_length=20, null=True)  # noqa: DJ001 (of no organisation: no kind)
    leads = models.BooleanField()
    since = models.DateTimeField()
    first_of_country = models.BooleanField()
    first_of_kind = models.BooleanField()

    objects = ListedPartQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "projects_listedpart"

    def __str__(self) -> str:
        return f"{self.partner_id or self.country_id} in {self.project_id}"
