"""Compare the stored files with the rows of documents."""

from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from projects.models import Document
from psf.files import store
from psf.history.models import Action, Change
from psf.history.tracking import kind_of


class FileComparison(NamedTuple):
    """Rows with a missing or a changed file; files without a row, and since when."""

    missing: list[Document]
    damaged: list[Document]
    orphans: list[tuple[Path, datetime]]


def compare_files() -> FileComparison:
    documents = {row.stored_name: row for row in Document.objects.select_related("project")}
    files = {path.name: path for path in store.all_files()}
    stored = [(row, files[name]) for name, row in documents.items() if name in files]
    return FileComparison(
        [row for name, row in documents.items() if name not in files],
        [row for row, path in stored if store.sha256_of(path) != row.sha256],
        [(path, _orphaned_since(path)) for name, path in files.items() if name not in documents],
    )


def _orphaned_since(path: Path) -> datetime:
    """The deletion of the row, or else the last change of the file."""
    deletions = Change.objects.filter(
        kind=kind_of(Document), action=Action.DELETED, before__stored_name=path.name
    )
    if last := deletions.order_by("-pk").select_related("change_set").first():
        return last.change_set.made_at
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)
