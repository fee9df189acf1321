"""Documents and outputs: added, changed, removed, published."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from projects.models import Document, DocumentKind, Output, Project
from projects.post_award.payment_limits import check_funded, lock_with_project, save_fields
from psf.files import store
from psf.files.pictures import picture_of
from psf.files.types import MEGABYTE, PICTURE, extension_of
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
    pairs = [(row, files[name]) for name, row in documents.items() if name in files]
    return FileComparison(
        [row for name, row in documents.items() if name not in files],
        [row for row, path in pairs if store.sha256_of(path) != row.sha256],
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


Item = Document | Output
MAX_PROJECT_BYTES = 500 * MEGABYTE


def add_document(project: Project, file: UploadedFile, by: User | None, **fields: Any) -> Document:
    """Store an uploaded file, then its row. A failure leaves at worst a file without a row.

    `by` is the account that adds the document, None for a command.
    """
    extension, content = extension_of(file), file.chunks()
    if fields.get("kind") == DocumentKind.PICTURE:
        extension, content = PICTURE, iter([picture_of(file)])
    stored_bytes = project.documents.aggregate(total=Sum("size", default=0))["total"]
    if stored_bytes + (file.size or 0) > MAX_PROJECT_BYTES:
        megabytes = {"most": MAX_PROJECT_BYTES // MEGABYTE}
        raise ValidationError(
            _("The documents of a project may have %(most)d MB together.") % megabytes
        )
    stored_file = store.save_file(content, extension)
    document = Document(
        project=project,
        stored_name=stored_file.name,
        sha256=stored_file.sha256,
        size=stored_file.size,
        added_by=by,
    )
    change_document(document, **fields)
    return document


@transaction.atomic
def change_document(document: Document, **fields: Any) -> None:
    """Change the description of a document. Its file never changes."""
    project = lock_with_project(document)
    save_fields(document, **fields)
    if document.report and document.report.project_id != project.pk:
        raise ValidationError(_("This report belongs to another project."))


@transaction.atomic
def save_output(output: Output, **fields: Any) -> None:
    """Store a new or changed output."""
    project = lock_with_project(output)
    check_funded(project)
    save_fields(output, **fields)
    if output.document and output.document.project_id != project.pk:
        raise ValidationError(_("This document belongs to another project."))
    check_output(output)


@transaction.atomic
def delete_item(item: Item) -> None:
    """Delete the row. The file stays, so that the history can restore the row."""
    lock_with_project(item)
    if item.published_at:
        raise ValidationError(_("“%(item)s” is public: unpublish it first.") % {"item": item})
    if isinstance(item, Document) and (output := item.outputs.first()):
        raise ValidationError(_("The output “%(output)s” uses the document.") % {"output": output})
    if isinstance(item, Document) and item.contacts.exists():
        raise ValidationError(
            _("This form named a contact person. First delete the person in the project’s form.")
        )
    item.delete()


@transaction.atomic
def publish_item(item: Item) -> None:
    """Show the item on the page of the project, while the project is public."""
    lock_with_project(item)
    if item.published_at:
        raise ValidationError(_("“%(item)s” is public already.") % {"item": item})
    if isinstance(item, Output):
        item.published_at = timezone.now()
        check_output(item)
    elif item.extension in ("jpg", "png"):
        sentence = _(
            "Add the image again as a picture: a picture has no place and time in its file."
        )
        raise ValidationError(sentence)
    save_fields(item, published_at=timezone.now())


def check_output(output: Output) -> None:
    """Raise `ValidationError` if a public output has a hidden document."""
    if output.published_at and output.document and not output.document.published_at:
        raise ValidationError(
            _("Publish its document “%(document)s” first.") % {"document": output.document}
        )


@transaction.atomic
def unpublish_item(item: Item) -> None:
    """Hide the item from readers."""
    lock_with_project(item)
    if not item.published_at:
        raise ValidationError(_("“%(item)s” is not public.") % {"item": item})
    if isinstance(item, Document) and (
        output := item.outputs.filter(published_at__isnull=False).first()
    ):
        raise ValidationError(
            _("Unpublish the output “%(output)s” first: it uses the document.") % {"output": output}
        )
    item.published_at = None
    item.save(update_fields=["published_at"])
