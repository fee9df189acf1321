"""The published documents and outputs on the page of a project."""

from datetime import date
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.urls import reverse

from projects.models import Amendment, Document, DocumentKind, Output, OutputKind
from projects.models.amendments import IN_EFFECT
from projects.models.documents import download_name
from psf.database.parameters import Parameter
from psf.text.dates import describe

Rows = list[list[Any]]
# In the order of the fields of `PublishedDocument`, from `key` on.
COLUMNS = ["pk", "kind", "day", "title", "language", "licence"]
DOCUMENT_COLUMNS = [*COLUMNS, "pk", "title", "stored_name", "size"]
OUTPUT_COLUMNS = [*COLUMNS, "document", "document__title", "document__stored_name"]
OUTPUT_COLUMNS += ["document__size", "url"]


class PublishedDocument(NamedTuple):
    """A published document or output of a project.

    `record_type` is "Output" or "Document". `file` is the key of the document with the file; an
    output may have none.
    """

    record_type: str
    project: str
    key: int
    kind: str
    day: date | None
    title: str
    language: str
    licence: str
    file: int | None
    file_title: str
    stored_name: str
    size: int | None
    url: str = ""

    @property
    def kind_label(self) -> str:
        kinds = OutputKind if self.record_type == "Output" else DocumentKind
        return str(kinds(self.kind).label)

    @property
    def extension(self) -> str:
        return self.stored_name.rpartition(".")[2].upper()

    @property
    def address(self) -> str:
        """The address of the file; only for a document or an output with a file."""
        name = download_name(self.file_title, self.stored_name)
        return reverse("projects:document", args=[self.project, self.file, name])


class PublishedDocuments(NamedTuple):
    """The outputs and documents of a project, newest first.

    The document of an output is listed with the output only. `announced_end` is the end of the
    project before the first prolongation, in words, and "" if it is not known.
    """

    outputs: list[PublishedDocument]
    documents: list[PublishedDocument]
    announced_end: str
    is_extended: bool


def document_queries(project: Parameter) -> dict[str, tuple[QuerySet, list[Any]]]:
    """The queries for `published_documents()` by relation, and the columns of each query."""
    published = {"project": project, "published_at__isnull": False}
    prolongations = Amendment.objects.filter(IN_EFFECT, project=project)
    return {
        "outputs": (Output.objects.filter(**published), OUTPUT_COLUMNS),
        "documents": (Document.objects.filter(**published), DOCUMENT_COLUMNS),
        "prolongations": (prolongations, ["pk", "ends_before", "ends_before_precision"]),
    }


def published_documents(
    slug: str, outputs: Rows, documents: Rows, prolongations: Rows
) -> PublishedDocuments:
    """The documents and outputs of the project with this slug, from the rows of the queries."""
    output_list, document_list = (
        sorted((_document(record_type, slug, row) for row in rows), key=_newest_first)
        for record_type, rows in [("Output", outputs), ("Document", documents)]
    )
    files_of_outputs = {output.file for output in output_list}
    _key, end, precision = min(prolongations, default=(None, None, ""))
    return PublishedDocuments(
        output_list,
        [document for document in document_list if document.key not in files_of_outputs],
        describe(date.fromisoformat(end), precision) if end else "",
        bool(prolongations),
    )


def _document(record_type: str, slug: str, row: list[Any]) -> PublishedDocument:
    document = PublishedDocument(record_type, slug, *row)
    return document._replace(day=document.day and date.fromisoformat(str(document.day)))


def _newest_first(document: PublishedDocument) -> tuple[bool, int, int]:
    return document.day is None, -document.day.toordinal() if document.day else 0, document.key
