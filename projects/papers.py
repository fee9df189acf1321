"""What a project's page shows of its outputs, documents and prolongations."""

from datetime import date
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.urls import reverse

from psf.database.prepared import Parameter
from psf.text.dates import describe

from .models import Amendment, AmendmentKind, Document, DocumentKind, Output, OutputKind, Project
from .models.documents import download_name

Rows = list[list[Any]]


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
    file: int | None
    file_title: str
    stored_name: str
    size: int | None
    url: str = ""

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


def rows_of_papers(project: Parameter) -> dict[str, tuple[QuerySet, list[Any]]]:
    """By their marks: the published ones and the prolongations, and what is read of each."""
    published = {"project": project, "published_at__isnull": False}
    prolonged = Amendment.objects.filter(project=project, kind=AmendmentKind.PROLONGATION)
    read, file = ["pk", "kind", "day", "title", "language", "licence"], ["stored_name", "size"]
    of_output = ["document", *(f"document__{name}" for name in ["title", *file]), "url"]
    return {
        "outputs": (Output.objects.filter(**published), [*read, *of_output]),
        "documents": (Document.objects.filter(**published), [*read, "pk", "title", *file]),
        "prolongations": (prolonged, ["pk", "ends_before", "ends_before_precision"]),
    }


def papers_of(project: Project, outputs: Rows, documents: Rows, prolongations: Rows) -> Papers:
    """The papers of those rows, the newest first."""
    shown, files = (
        sorted((_paper(mark, project.slug, row) for row in rows), key=_newest_first)
        for mark, rows in [("Output", outputs), ("Document", documents)]
    )
    used = {paper.file for paper in shown}
    _key, end, precision = min(prolongations, default=(None, None, ""))
    return Papers(
        shown,
        [paper for paper in files if paper.key not in used],
        describe(date.fromisoformat(end), precision) if end else "",
    )


def _paper(mark: str, project: str, row: list[Any]) -> Paper:
    paper = Paper(mark, project, *row)
    return paper._replace(day=paper.day and date.fromisoformat(str(paper.day)))


def _newest_first(paper: Paper) -> tuple[bool, int, int]:
    return paper.day is None, -paper.day.toordinal() if paper.day else 0, paper.key
