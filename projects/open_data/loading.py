"""Public projects with everything that the standards need, loaded in parts."""

from collections.abc import Iterable, Iterator

from django.db.models import Prefetch

from projects.models import Partnership, Project
from psf.database.sql import chunked, in_keys

PROJECTS = 500  # loaded at once


def load_projects(keys: Iterable[int]) -> Iterator[Project]:
    """The public projects with these keys, in the order of their references within each part."""
    partnerships = Partnership.objects.select_related("partner__country", "country")
    projects = (
        Project.objects.public()
        .select_related("call__decision")
        .prefetch_related(
            Prefetch("partnerships", queryset=partnerships),
            "priorities",
            "topics",
            "activity_countries",
        )
    )
    for part in chunked(keys, PROJECTS):
        yield from projects.filter(pk__in=in_keys(Project, part)).order_by("reference")
