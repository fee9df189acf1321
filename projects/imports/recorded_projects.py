"""The records of the projects in a file, loaded in chunks."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Prefetch
from django.db.models.functions import Upper

from projects.imports.columns import FIELDS, TERMS
from projects.imports.parser import ProjectRows
from projects.models import Call, Partnership, Project
from projects.models.post_award import is_extended
from psf.database.sql import chunked

CHUNK = 500


def _link(field: Any) -> tuple[Any, str]:
    """The links of a many-to-many field, and the field of a link that names the term."""
    through, term = field.remote_field.through, field.related_model
    names = (row.name for row in through._meta.local_fields if row.related_model is term)
    return through, next(names)


LINKS = {FIELDS[column].name: _link(FIELDS[column]) for column in TERMS}


def in_chunks(
    projects: dict[str, ProjectRows], call: Call
) -> Iterator[list[tuple[ProjectRows, Project]]]:
    """The projects of a file with their records, which are unsaved for new projects."""
    for chunk in chunked(projects.values(), CHUNK):
        records = _load([project.reference.upper() for project in chunk])
        yield [(rows, records.get(rows.reference.upper()) or Project(call=call)) for rows in chunk]


def _load(references: list[str]) -> dict[str, Project]:
    """The projects with these references by reference, both in capitals."""
    partnerships = Partnership.objects.select_related("partner").order_by("role", "position", "pk")
    projects = Project.objects.alias(capitals=Upper("reference")).filter(capitals__in=references)
    rows = (
        projects.annotate(is_extended=is_extended())
        .select_related("call", "agreement")
        .prefetch_related(*TERMS.values(), Prefetch("partnerships", queryset=partnerships))
    )
    return {row.reference.upper(): row for row in rows}
