"""Rebuild projects with everything on their pages. Django reads days and moments of ISO 8601."""

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.color import no_style
from django.db import connection

from partners.models import Partner
from projects.models import (
    Amendment,
    AmendmentKind,
    Call,
    Document,
    Output,
    Partnership,
    Project,
    Source,
)
from psf.exports.fields import Record
from psf.files import store
from psf.text.dates import Precision

TEXTS = ["reference", "slug", "title", "title_language", "acronym", "summary", "description"]
FIELDS = [*TEXTS, "website", "status", "starts_on", "starts_precision", "ends_on"]
FIELDS += ["ends_precision", "amount_eur", "amount_kind", "total_budget_eur", "as_published"]
FIELDS += ["published_at"]
PART_FIELDS = ["role", "position", "name_as_published", "joined_on", "left_on"]
DOCUMENT_FIELDS = ["title", "kind", "language", "day", "licence"]


def picked(record: Mapping[str, Any], names: Iterable[str]) -> Record:
    """The values that are not blank: a blank field keeps the default of its model."""
    return {name: record[name] for name in names if record[name] is not None}


def rebuild_projects(
    records: list[Record],
    calls: Mapping[str, Call],
    partners: Mapping[str, Partner],
    terms: Mapping[str, Mapping[str, Any]],
    files: Path,
) -> None:
    """Load the projects of calls by slug, with partners by permanent address.

    `files` is the folder of the documents.
    """
    # The newest call is first. Pages about similar projects prefer newer records.
    for record in reversed(records):
        project = Project.objects.create(
            call=calls[record["call_slug"]],
            disagreement_explained=record["difference_explained"],
            **picked(record, FIELDS),
        )
        for relation, by_slug in terms.items():
            getattr(project, relation).set(by_slug[term["slug"]] for term in record[relation])
        project.activity_countries.set(row["code"] for row in record["places"])
        project.announced_countries.set(row["code"] for row in record["announced_countries"])
        _load_parts(project, record["partners"], partners)
        Source.objects.bulk_create(Source(project=project, **row) for row in record["sources"])
        _load_files(project, record, files)
        _load_prolongation(project, record)
        # Saving sets the moment of the last change.
        Project.objects.filter(pk=project.pk).update(changed_at=record["changed_at"])
    # Documents have their old keys, which are in the addresses of their files.
    statements = connection.ops.sequence_reset_sql(no_style(), [Document])
    with connection.cursor() as cursor:
        cursor.execute("".join(statements) or "SELECT 1")


def _load_parts(project: Project, records: list[Record], partners: Mapping[str, Partner]) -> None:
    Partnership.objects.bulk_create(
        Partnership(
            project=project,
            partner=partners[record["address"]] if record["address"] else None,
            country_id=record["country_code"],
            **picked(record, PART_FIELDS),
        )
        for record in records
    )


def _load_files(project: Project, record: Record, files: Path) -> None:
    """Load documents and outputs. Without its file, a document has a name that leads nowhere."""
    documents = {}
    for row in record["documents"]:
        key, extension = int(row["file"].split("/")[-2]), row["file"].rpartition(".")[2]
        file = files / f"{key}.{extension}"
        is_here = file.is_file()
        name = store.save_file([file.read_bytes()], extension).name if is_here else file.name
        documents[row["file"]] = Document.objects.create(
            pk=key,
            project=project,
            stored_name=name,
            published_at=project.published_at,
            **picked(row, [*DOCUMENT_FIELDS, "size", "sha256"]),
        )
    for row in reversed(record["outputs"]):
        Output.objects.create(
            project=project,
            document=documents.get(row["file"]),
            published_at=project.published_at,
            url=row["url"] or ("" if row["file"] in documents else row["file"]),
            **picked(row, DOCUMENT_FIELDS),
        )


def _load_prolongation(project: Project, record: Record) -> None:
    """The announced end, as an amendment. The day of the agreement is not public."""
    announced, end = record["announced_end_on"], record["ends_on"]
    if record.get("is_prolonged", announced):  # versions before 29 November 2026 have no such field
        Amendment.objects.create(
            project=project,
            kind=AmendmentKind.PROLONGATION,
            agreed_on=announced or date.fromisoformat(record["changed_at"][:10]),
            words="import_data",
            ends_before=announced,
            ends_before_precision=record["announced_end_precision"] or Precision.DAY,
            # A project can end before its announced end: the agreed end is not public.
            ends_after=end if end and end > (announced or "") else date.max,
        )
