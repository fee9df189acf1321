"""Files and the rows that name them, compared."""

from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from projects.models import Document
from psf.files import store
from psf.history.models import Action, Change
from psf.history.tracking import kind_of


class Comparison(NamedTuple):
    """Rows whose file is missing or another one; files, and since when no row names them."""

    missing: list[Document]
    damaged: list[Document]
    orphans: list[tuple[Path, datetime]]


def compare() -> Comparison:
    documents = {row.stored_name: row for row in Document.objects.select_related("project")}
    files = {path.name: path for path in store.all_files()}
    return Comparison(
        [row for name, row in documents.items() if name not in files],
        [
            row
            for name, row in documents.items()
            if name in files and store.sha256_of(files[name]) != row.sha256
        ],
        [
            (path, _without_a_row_since(path))
            for name, path in files.items()
            if name not in documents
        ],
    )


def _without_a_row_since(path: Path) -> datetime:
    """When its row was deleted, or else when the file was written."""
    deletions = Change.objects.filter(
        kind=kind_of(Document), action=Action.DELETED, before__stored_name=path.name
    )
    if last := deletions.order_by("-pk").select_related("change_set").first():
        return last.change_set.made_at
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)
