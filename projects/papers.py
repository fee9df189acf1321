"""What a project's page shows of its outputs, documents and prolongations, in one query."""

from datetime import date
from typing import Any, NamedTuple

from django.db.models import (
    BigIntegerField,
    CharField,
    DateField,
    F,
    IntegerField,
    QuerySet,
    Value,
)
from django.db.models.functions import Cast
from django.urls import reverse

from psf.dates import describe
from psf.prepared import Prepared, Slot

from .models import Amendment, AmendmentKind, Document, DocumentKind, Output, OutputKind, Project
from .models.documents import download_name

# What stands in the columns that a kind of row has not.
NOTHING: dict[str, Any] = {
    "title": Value("", output_field=CharField()),
    "language": Value("", output_field=CharField()),
    "licence": Value("", output_field=CharField()),
    "url": Value("", output_field=CharField()),
    "file": Cast(Value(None), IntegerField()),
    "file_title": Value("", output_field=CharField()),
    "stored_name": Value("", output_field=CharField()),
    "size": Cast(Value(None), IntegerField()),
}


class Paper(NamedTuple):
    """An output or a document that readers see; of an output `file` is its document, if any."""

    mark: str
    project: str
    key: int
    kind: str
    day: date | None
    title: str
    language: str
    licence: str
    url: str
    file: int | None
    file_title: str
    stored_name: str
    size: int | None

    @property
    def kind_label(self) -> str:
        kinds: Any = OutputKind if self.mark == "Output" else DocumentKind
        return str(kinds(self.kind).label)

    @property
    def extension(self) -> str:
        return self.stored_name.rpartition(".")[2].upper()

    @property
    def address(self) -> str:
        """Where its file is, if it has one."""
        name = download_name(self.file_title, self.stored_name)
        return reverse("projects:document", args=[self.project, self.file, name])


class Papers(NamedTuple):
    """A document that an output has stands with the output.

    `announced_end` is the end before the first prolongation, in words; "" without one.
    """

    outputs: list[Paper]
    documents: list[Paper]
    announced_end: str


@Prepared
def _all_rows() -> QuerySet:
    project = Slot("project", BigIntegerField())
    published = {"project": project, "published_at__isnull": False}
    outputs = Output.objects.filter(**published)
    documents = Document.objects.filter(**published)
    prolonged = Amendment.objects.filter(project=project, kind=AmendmentKind.PROLONGATION)
    return _rows(outputs, "Output", file="document", through="document__").union(
        _rows(documents, "Document", file="pk"), _ends(prolonged), all=True
    )


def papers_of(project: Project) -> Papers:
    """Asked of a project that readers see, or whose page is shown to staff as they would."""
    rows = [Paper(mark, project.slug, *row) for mark, *row in _all_rows(project=project.pk)]
    rows.sort(key=lambda row: (row.day is None, row.day and -row.day.toordinal(), row.key))
    mine = [row for row in rows if row.mark == "Output"]
    used = {row.file for row in mine}
    ends = [row for row in rows if row.mark == "Amendment"]
    first = min(ends, key=lambda row: row.key, default=None)
    return Papers(
        mine,
        [row for row in rows if row.mark == "Document" and row.key not in used],
        describe(first.day, first.kind) if first and first.day else "",
    )


def _rows(papers: QuerySet, mark: str, file: str, through: str = "") -> QuerySet:
    columns = {
        "title": F("title"),
        "language": F("language"),
        "licence": F("licence"),
        "url": F("url") if mark == "Output" else NOTHING["url"],
        "file": F(file),
        "file_title": F(f"{through}title"),
        "stored_name": F(f"{through}stored_name"),
        "size": F(f"{through}size"),
    }
    return _columns(papers, mark, F("kind"), F("day"), columns)


def _ends(amendments: QuerySet) -> QuerySet:
    return _columns(amendments, "Amendment", F("ends_before_precision"), F("ends_before"), NOTHING)


def _columns(rows: QuerySet, mark: str, kind: F, day: F, columns: dict[str, Any]) -> Any:
    """The rows as rows of `Paper`."""
    return rows.order_by().values_list(
        Value(mark, output_field=CharField()),
        "pk",
        kind,
        Cast(day, DateField()),
        *columns.values(),
    )
