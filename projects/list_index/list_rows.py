"""Projects as rows of lists, with their partners."""

from django.db.models import QuerySet

from projects.models import Partnership, Project
from projects.models.amendments import is_extended
from projects.models.list_items import FIELDS, PART_FIELDS, ListedProject, PartInList
from psf.database.parameters import NOW
from psf.database.prepared import Prepared
from psf.database.sql import given_keys


def projects_of(keys: list[int]) -> list[ListedProject]:
    """The public projects among a few keys, in this order, as rows of lists."""
    rows = {row[0]: row for row in _rows.of(keys)}
    parts: dict[int, list[PartInList]] = {key: [] for key in rows}
    for part in map(PartInList._make, _parts.of(parts)):
        parts[part.project].append(part)
    return [ListedProject(parts[key], *rows[key]) for key in keys if key in rows]


@Prepared
def _rows() -> QuerySet:
    rows = Project.objects.public(NOW).filter(pk__in=given_keys(Project)).order_by()
    return rows.values_list(*FIELDS, is_extended())


@Prepared
def _parts() -> QuerySet:
    return Partnership.objects.filter(project__in=given_keys(Project)).values_list(*PART_FIELDS)
