"""Public projects with everything that the standards need, loaded in parts."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from partners.models import Country
from partners.pages.countries import countries_by_code
from projects.models import Partnership, Priority, Project, Topic
from projects.models.project_querysets import LONG_TEXTS
from projects.pages.project_detail import set_countries
from psf.database.prepared import attach
from psf.database.sql import in_keys
from psf.exports.tables import in_parts

SHOWN_TEXTS = ["summary", "description"]
HIDDEN_TEXTS = [name for name in LONG_TEXTS if name not in SHOWN_TEXTS]
# The records that projects have links to, and the column of a link that names the record.
LINKED: dict[str, tuple[Any, str]] = {
    "priorities": (Priority, "priority"),
    "topics": (Topic, "topic"),
    "activity_countries": (Country, "country"),
}


def load_public_projects(keys: Iterable[int]) -> Iterator[Project]:
    """The public projects with these keys, in the order of their references within each part."""
    countries = countries_by_code()
    for projects in load_in_parts(keys, Partnership.objects.select_related("partner")):
        for relation in LINKED:
            _attach_linked(projects, relation)
        for project in projects:
            set_countries(project.partnerships.all(), countries)
        yield from projects


def load_in_parts(
    keys: Iterable[int], partnerships: "QuerySet[Partnership]"
) -> Iterator[list[Project]]:
    """The public projects with these keys, in the order of their references within each part.

    They have their calls and decisions and those of their partnerships that are in the queryset,
    but no texts that readers do not see.
    """
    rows = Project.objects.public().select_related("call__decision").defer(*HIDDEN_TEXTS)
    for part in in_parts(keys):
        projects = list(rows.filter(pk__in=in_keys(Project, part)).order_by("reference"))
        chosen = partnerships.filter(project__in=_keys_of(projects))
        _attach(projects, "partnerships", ((row.project_id, row) for row in chosen))
        yield projects


def _keys_of(projects: list[Project]) -> RawSQL:
    return in_keys(Project, [project.pk for project in projects])


def _attach_linked(projects: list[Project], relation: str) -> None:
    """Store the linked records of each project, by name."""
    model, column = LINKED[relation]
    through: Any = getattr(Project, relation).through
    links = through.objects.filter(project__in=_keys_of(projects))
    pairs = list(links.order_by(f"{column}__name").values_list("project", column))
    records = {record.pk: record for record in model.objects.all()}
    linked = ((project, records[key]) for project, key in pairs if key in records)
    _attach(projects, relation, linked)


def _attach(projects: list[Project], relation: str, rows: Iterable[tuple[int, object]]) -> None:
    """Store the rows in the projects with their keys.

    Prefetching would make a query of Django for each project, which takes longer than the rest.
    """
    lists: dict[int, list[object]] = {project.pk: [] for project in projects}
    for key, row in rows:
        lists[key].append(row)
    for project in projects:
        attach(project, relation, lists[project.pk])
