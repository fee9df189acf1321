"""What the records hold of the projects that a file names, some projects at a time."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from projects.imports.organisations import Key, key_of
from projects.imports.parser import ProjectRows
from projects.models import Partnership, Priority, Project, Role
from psf.database.sql import chunked

CHUNK = 500
# By the columns of a file; the summary's and the title's words are compared as they are.
FIELDS = {
    "acronym": "acronym",
    "title": "title",
    "summary": "summary",
    "description": "description",
    "starts_on": "starts_on",
    "ends_on": "ends_on",
    "status": "status",
    "amount": "amount_eur",
    "amount_kind": "amount_kind",
    "total_cost": "total_budget_eur",
    "website": "website",
}
KEPT = ["pk", "reference", "call_id", "call__title", "version", "published_at"]
# As `Part` has them.
PART = [
    "pk",
    "partner_id",
    "partner__name",
    "name_as_published",
    "country_id",
    "role",
    "position",
]


@dataclass(slots=True)
class Part:
    """A partnership as it is recorded."""

    pk: int
    partner: int | None
    name: str | None
    published: str
    country: str
    role: str
    position: int


@dataclass(slots=True)
class Stored:
    """A project as it is recorded, with its parts in the order of the list."""

    values: dict[str, Any]
    priorities: list[Priority] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)

    def parts_by_name(self) -> dict[Key, list[Part]]:
        """The parts under each name, those with an organisation first."""
        found: dict[Key, list[Part]] = defaultdict(list)
        for part in sorted(self.parts, key=lambda part: part.partner is None):
            for name in dict.fromkeys([part.name, part.published]):
                if name:
                    found[key_of(name, part.country)].append(part)
        return found

    def lead(self) -> Part | None:
        return next((part for part in self.parts if part.role == Role.LEAD), None)


def in_chunks(
    projects: dict[str, ProjectRows],
) -> Iterator[list[tuple[ProjectRows, Stored | None]]]:
    """The projects of a file beside what is recorded of them; None for a new one."""
    for chunk in chunked(projects.values(), CHUNK):
        stored = _load([project.reference for project in chunk])
        yield [(project, stored.get(project.reference)) for project in chunk]


def _load(references: list[str]) -> dict[str, Stored]:
    rows = Project.objects.filter(reference__in=references).values(*KEPT, *FIELDS.values())
    by_pk = {row["pk"]: Stored(row) for row in rows}
    links = Project.priorities.through.objects.filter(project__in=by_pk)
    for link in links.select_related("priority"):
        by_pk[link.project_id].priorities.append(link.priority)
    parts = Partnership.objects.filter(project__in=by_pk).order_by("role", "position", "pk")
    rows_of_parts: Any = parts.values_list("project_id", *PART)
    for project, *part in rows_of_parts:
        by_pk[project].parts.append(Part(*part))
    return {stored.values["reference"]: stored for stored in by_pk.values()}
