"""Documents and outputs: put in, changed, taken out, shown to readers."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from projects.models import Document, Output, Project
from projects.post_award.account import check_funded, locked, save
from psf.files import store
from psf.files.types import extension_of

Paper = Document | Output


def add_document(project: Project, file: Any, by: Any, **fields: Any) -> Document:
    """Keep an uploaded file, then the row that names it: a file too many at worst.

    `by` is the account of whoever puts it in, None for a command.
    """
    extension = extension_of(file)
    stored = store.save_file(file.chunks(), extension)
    document = Document(
        project=project,
        stored_name=stored.name,
        sha256=stored.sha256,
        size=stored.size,
        added_by=by,
    )
    change_document(document, **fields)
    return document


@transaction.atomic
def change_document(document: Document, **fields: Any) -> None:
    """Change what is said of a document; its file never changes."""
    project = locked(document.project)
    if document.pk:
        document.refresh_from_db()
    report = fields.get("report", document.report)
    if report and report.project_id != project.pk:
        raise ValidationError(_("This report is another project’s."))
    save(document, **fields)


@transaction.atomic
def save_output(output: Output, **fields: Any) -> None:
    """Add an output, or change one."""
    project = locked(output.project)
    check_funded(project)
    if output.pk:
        output.refresh_from_db()
    for name, value in fields.items():
        setattr(output, name, value)
    if output.document and output.document.project_id != project.pk:
        raise ValidationError(_("This document is another project’s."))
    if output.published_at:
        _check_document_is_public(output)
    save(output)


@transaction.atomic
def delete_paper(paper: Paper) -> None:
    """Take the row out. The file stays, so that the history can bring the row back."""
    locked(paper.project)
    paper.refresh_from_db()
    if paper.published_at:
        raise ValidationError(_("“%(paper)s” is public: take it back first.") % {"paper": paper})
    if isinstance(paper, Document) and (used := paper.outputs.first()):
        raise ValidationError(_("The output “%(output)s” uses it.") % {"output": used})
    paper.delete()


@transaction.atomic
def publish(paper: Paper) -> None:
    """Show it on the project's page, once that is public itself."""
    locked(paper.project)
    paper.refresh_from_db()
    if paper.published_at:
        raise ValidationError(_("“%(paper)s” is public already.") % {"paper": paper})
    if isinstance(paper, Output):
        _check_document_is_public(paper)
    paper.published_at = timezone.now()
    paper.save(update_fields=["published_at"])


def _check_document_is_public(output: Output) -> None:
    if output.document and not output.document.published_at:
        raise ValidationError(
            _("Its document “%(document)s” is not public: publish that first.")
            % {"document": output.document}
        )


@transaction.atomic
def take_back(paper: Paper) -> None:
    """Hide it again."""
    locked(paper.project)
    paper.refresh_from_db()
    if not paper.published_at:
        raise ValidationError(_("“%(paper)s” is not public.") % {"paper": paper})
    if isinstance(paper, Document) and (
        used := paper.outputs.filter(published_at__isnull=False).first()
    ):
        raise ValidationError(
            _("The output “%(output)s” is public and uses it: take that back first.")
            % {"output": used}
        )
    paper.published_at = None
    paper.save(update_fields=["published_at"])
