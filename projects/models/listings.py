"""Narrow rows of public and scheduled projects, written only by database triggers.

The triggers (`projects.list_index.triggers`) follow every change of a project, its partnerships,
its call and its partners. The rows have all columns that lists sort, filter and count by, so
lists need no joins.
"""

from typing import Any, Self

from django.db import models

from partners.models import Country, Partner
from projects.models.list_items import FIELDS, PART_FIELDS, ListedProject, PartInList
from projects.models.publication import is_public
from projects.search import PROJECTS
from psf.database.parameters import NOW, Moment
from psf.database.prepared import PreparedForKeys

from .amendments import is_extended
from .calls import Call
from .partnerships import Partnership
from .projects import Project


class ListingQuerySet(models.QuerySet["Listing"]):
    index = PROJECTS

    def public(self, at: Moment = None) -> Self:
        """The projects that are public at a moment (`at`, or now)."""
        return self.filter(is_public(at, through=""))

    def newest(self, number: int) -> list[ListedProject]:
        """The first `number` projects in the order of lists, as rows of lists."""
        return self.order_by("-closes_at", "reference")[:number]._in_rows()

    def _in_rows(self) -> list[ListedProject]:
        columns = [f"project__{name}" for name in FIELDS]
        return _with_parts(list(self.values_list(*columns, is_extended("project"))))


def projects_of(keys: list[int]) -> list[ListedProject]:
    """The public projects among a few keys, in this order, as rows of lists."""
    rows = {row[0]: row for row in _rows.of(keys)}
    return _with_parts([rows[key] for key in keys if key in rows])


@PreparedForKeys
def _rows(keys: list[int]) -> models.QuerySet:
    rows = Project.objects.public(NOW).filter(pk__in=keys).order_by()
    return rows.values_list(*FIELDS, is_extended("pk"))


@PreparedForKeys
def _parts(keys: list[int]) -> models.QuerySet:
    return Partnership.objects.filter(project__pk__in=keys).values_list(*PART_FIELDS)


def _with_parts(rows: list[tuple[Any, ...]]) -> list[ListedProject]:
    parts: dict[int, list[PartInList]] = {row[0]: [] for row in rows}
    for part in map(PartInList._make, _parts.of(parts)):
        parts[part.project].append(part)
    return [ListedProject(parts[row[0]], *row) for row in rows]


class Listing(models.Model):
    """A project that is public from `since` on, as defined in `projects.models.publication`.

    `closes_at` is in the year 9999 if the closing of the call is not known. `memberships` has the
    membership periods of the countries, for `list_index.membership_facet`.
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
    memberships = models.TextField()

    objects = ListingQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "projects_listing"

    def __str__(self) -> str:
        return self.reference


class ListedPartQuerySet(models.QuerySet["ListedPart"]):
    def public(self, at: Moment = None) -> Self:
        """The partnerships that are public at a moment (`at`, or now)."""
        return self.filter(is_public(at, through=""))

    def leading(self) -> Self:
        """The rows of lead partners."""
        return self.filter(leads=True)


class ListedPart(models.Model):
    """A partnership in a project that is public from `since` on.

    `seat` and `kind` belong to the organisation.
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
    kind = models.CharField(max_length=20, null=True)  # noqa: DJ001 (no organisation, no kind)
    leads = models.BooleanField()
    since = models.DateTimeField()

    objects = ListedPartQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "projects_listedpart"

    def __str__(self) -> str:
        return f"{self.partner_id or self.country_id} in {self.project_id}"
