"""Projects as rows of lists, with their partners."""

from typing import Any

from django.db.models import QuerySet

from projects.models import Partnership, Project
from projects.models.amendments import is_extended
from projects.models.list_items import FIELDS, PART_FIELDS, ListedProject, PartInList
from psf.database.parameters import NOW
from psf.database.prepared import Prepared
from psf.database.sql import given_keys


def list_rows(projects: QuerySet[Project]) -> list[ListedProject]:
    """The projects of the queryset in its order, as rows of lists."""
    return _with_parts(list(projects.values_list(*FIELDS, is_extended("pk"))))


def projects_of(keys: list[int]) -> list[ListedProject]:
    """The public projects among a few keys, in this order, as rows of lists."""
    rows = {row[0]: row for row in _rows.of(keys)}
    return _with_parts([rows[key] for key in keys if key in rows])


@Prepared
def _rows() -> QuerySet:
    rows = Project.objects.public(NOW).filter(pk__in=given_keys(Project)).order_by()
    return rows.values_list(*FIELDS, is_extended("pk"))


@Prepared
def _parts() -> QuerySet:
    return Partnership.objects.filter(project__in=given_keys(Project)).values_list(*PART_FIELDS)


def _with_parts(rows: list[tuple[Any, ...]]) -> list[ListedProject]:
    parts: dict[int, list[PartInList]] = {row[0]: [] for row in rows}
    for part in map(PartInList._make, _parts.of(parts)):
        parts[part.project].append(part)
    return [ListedProject(parts[row[0]], *row) for row in rows]
