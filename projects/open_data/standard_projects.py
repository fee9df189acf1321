"""Public projects with everything that the standards need, loaded in parts."""

from collections.abc import Iterable, Iterator

from django.db.models import Prefetch, QuerySet

from projects.models import Partnership, Project
from projects.models.projects import LONG_TEXTS
from psf.database.sql import in_keys
from psf.exports.tables import in_parts

SHOWN_TEXTS = ["summary", "description"]
HIDDEN_TEXTS = [name for name in LONG_TEXTS if name not in SHOWN_TEXTS]


def load_public_projects(keys: Iterable[int]) -> Iterator[Project]:
    """The public projects with these keys, in the order of their references within each part."""
    parts = Partnership.objects.select_related("partner__country", "country")
    parts = parts.prefetch_related("country__memberships")
    linked = ["priorities", "topics", "activity_countries"]
    for projects in load_in_parts(keys, parts, *linked):
        yield from projects


def load_in_parts(
    keys: Iterable[int], partnerships: "QuerySet[Partnership]", *linked: str
) -> Iterator[list[Project]]:
    """The public projects with these keys, in the order of their references within each part.

    They have their calls and decisions, those of their partnerships that are in the queryset, and
    the linked records, but no texts that readers do not see.
    """
    rows = Project.objects.public().select_related("call__decision").defer(*HIDDEN_TEXTS)
    rows = rows.prefetch_related(Prefetch("partnerships", queryset=partnerships), *linked)
    for part in in_parts(keys):
        yield list(rows.filter(pk__in=in_keys(Project, part)).order_by("reference"))
