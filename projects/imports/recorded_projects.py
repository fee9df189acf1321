"""The records of the projects in a file, loaded in chunks."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models.functions import Upper

from projects.imports.columns import FIELDS, TERMS, VALUES
from projects.imports.organisations import Key, key_of
from projects.imports.parser import ProjectRows
from projects.models import Partnership, Priority, Project, Topic
from projects.models.amendments import is_extended
from psf.database.sql import chunked

CHUNK = 500


def _link(field: Any) -> tuple[Any, str]:
    """The links of a many-to-many field, and the field of a link that names the term."""
    through, term = field.remote_field.through, field.related_model
    names = (row.name for row in through._meta.local_fields if row.related_model is term)
    return through, next(names)


LINKS = {FIELDS[column].name: _link(FIELDS[column]) for column in TERMS}
PROJECT_COLUMNS_READ = ["pk", "reference", "call_id", "call__title", "version", "published_at"]
PROJECT_COLUMNS_READ += ["agreement"]
# In the order of the fields of `RecordedPartner`.
PARTNERSHIP_COLUMNS = [
    "pk",
    "partner_id",
    "partner__name",
    "name_as_published",
    "country_id",
    "role",
    "position",
    "left_on",
]


@dataclass(slots=True)
class RecordedPartner:
    """A recorded partnership."""

    pk: int
    organisation: int | None
    name: str | None
    published: str
    country: str
    role: str
    position: int
    left_on: date | None


@dataclass(slots=True)
class RecordedProject:
    """A recorded project, with its partners in the order of the list."""

    values: dict[str, Any]
    terms: dict[str, list[Priority | Topic]] = field(default_factory=lambda: defaultdict(list))
    partners: list[RecordedPartner] = field(default_factory=list)

    def partners_by_name(self) -> dict[Key, list[RecordedPartner]]:
        """The partners by name: those with an organisation first, then those that have not left."""
        by_name: dict[Key, list[RecordedPartner]] = defaultdict(list)
        for partner in sorted(
            self.partners, key=lambda row: (not row.organisation, bool(row.left_on))
        ):
            for name in dict.fromkeys([partner.name, partner.published]):
                if name:
                    by_name[key_of(name, partner.country)].append(partner)
        return by_name


def in_chunks(
    projects: dict[str, ProjectRows],
) -> Iterator[list[tuple[ProjectRows, RecordedProject | None]]]:
    """The projects of a file with their records, None for a new project."""
    for chunk in chunked(projects.values(), CHUNK):
        records = _load([project.reference.upper() for project in chunk])
        yield [(project, records.get(project.reference.upper())) for project in chunk]


def _load(references: list[str]) -> dict[str, RecordedProject]:
    """The projects with these references by reference, both in capitals."""
    projects = Project.objects.alias(capitals=Upper("reference"))
    rows = projects.filter(capitals__in=references).values(
        *PROJECT_COLUMNS_READ, *VALUES.values(), is_extended=is_extended()
    )
    by_pk = {row["pk"]: RecordedProject(row) for row in rows}
    for name, (links, term) in LINKS.items():
        for link in links.objects.filter(project__in=by_pk).select_related(term):
            by_pk[link.project_id].terms[name].append(getattr(link, term))
    partnerships = Partnership.objects.filter(project__in=by_pk).order_by("role", "position", "pk")
    partner_rows: Any = partnerships.values_list("project_id", *PARTNERSHIP_COLUMNS)
    for project, *partner in partner_rows:
        by_pk[project].partners.append(RecordedPartner(*partner))
    return {record.values["reference"].upper(): record for record in by_pk.values()}
