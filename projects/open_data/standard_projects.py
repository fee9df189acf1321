"""Public projects with everything that the standards need, loaded in parts."""

from collections.abc import Iterable, Iterator

from django.db.models import Prefetch

from partners.models import Country
from partners.pages.countries import countries_by_code
from projects.models import Partnership, Project
from projects.models.project_querysets import LONG_TEXTS, ProjectQuerySet
from projects.pages.project_detail import set_country
from psf.database.sql import in_keys
from psf.exports.tables import in_parts

SHOWN_TEXTS = ["summary", "description"]
HIDDEN_TEXTS = [name for name in LONG_TEXTS if name not in SHOWN_TEXTS]


def load_public_projects(keys: Iterable[int]) -> Iterator[Project]:
    """The public projects with these keys, in the order of their references within each part."""
    countries = countries_by_code()
    projects = with_decisions(Project.objects.public()).prefetch_related(
        Prefetch("partnerships", queryset=Partnership.objects.select_related("partner")),
        "priorities",
        "topics",
        "activity_countries",
    )
    for project in load_in_parts(projects, keys):
        _set_countries(project, countries)
        yield project


def with_decisions(projects: ProjectQuerySet) -> ProjectQuerySet:
    """The projects with their calls and decisions, without texts that readers do not see."""
    return projects.select_related("call__decision").defer(*HIDDEN_TEXTS)


def load_in_parts(projects: ProjectQuerySet, keys: Iterable[int]) -> Iterator[Project]:
    """The projects with these keys, in the order of their references within each part."""
    for part in in_parts(keys):
        yield from projects.filter(pk__in=in_keys(Project, part)).order_by("reference")


def _set_countries(project: Project, countries: dict[str, Country]) -> None:
    """Set the countries of the partnerships and of their organisations."""
    for partnership in project.partnerships.all():
        set_country(partnership, countries)
        if partnership.partner:
            set_country(partnership.partner, countries)
