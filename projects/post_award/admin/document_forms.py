"""Documents and outputs, as forms."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _, gettext_lazy

from projects.models import Document, Output
from projects.permissions import PUBLISH_PROJECT
from projects.post_award import documents
from projects.post_award.admin.forms import PostAwardForm
from psf.files.types import ACCEPT, MAX_BYTES, MEGABYTE, TYPE_NAMES, extension_of
from psf.files.virus_scanner import virus_error


class DocumentForm(PostAwardForm):
    title = gettext_lazy("Document")
    button = gettext_lazy("Save the document")
    model = Document
    names = ["title", "kind", "language", "day", "licence", "report"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["report"]
        field.queryset = self.record.reports.all()

    def execute(self) -> str:
        documents.change_document(self.row, **self.values())
        return _("The document “%(document)s” is saved.") % {"document": self.row}


class AddDocumentForm(DocumentForm):
    title = gettext_lazy("Add a document")
    button = gettext_lazy("Add document")
    warning = gettext_lazy("Readers do not see the document before you publish it.")
    file = forms.FileField(
        label=gettext_lazy("File"),
        widget=forms.FileInput(attrs={"accept": ACCEPT, "class": "psf-file-input"}),
        allow_empty_file=True,  # `clean_file()` refuses it like every other wrong file
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["file"])
        self.fields["file"].help_text = _("%(kinds)s; at most %(most)d MB.") % {
            "kinds": TYPE_NAMES,
            "most": MAX_BYTES // MEGABYTE,
        }

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        extension_of(file)
        if error := virus_error(file):
            raise ValidationError(error)
        return file

    def clean(self) -> None:
        """A browser sends no file a second time. Without a word, only the next try would say so."""
        super().clean()
        if self.errors and "file" in self.cleaned_data:
            self.add_error("file", _("Choose the file again, because another field has an error."))

    def execute(self) -> str:
        file = self.cleaned_data["file"]
        document = documents.add_document(self.record, file, self.user, **self.values())
        return _("The document “%(document)s” is added.") % {"document": document}


class OutputForm(PostAwardForm):
    title = gettext_lazy("Output")
    button = gettext_lazy("Save the output")
    model = Output
    names = ["title", "kind", "language", "day", "url", "document", "licence"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["document"]
        field.queryset = self.record.documents.all()

    def execute(self) -> str:
        output = self.row or Output(project=self.record)
        documents.save_output(output, **self.values())
        return _("The output “%(output)s” is saved.") % {"output": output}


class DeleteItemForm(PostAwardForm):
    title = gettext_lazy("Remove from the project")
    button = gettext_lazy("Remove")
    warning = gettext_lazy("You can restore it from the history.")

    def execute(self) -> str:
        documents.delete_item(self.row)
        return _("“%(item)s” is removed.") % {"item": self.row}


class PublishItemForm(PostAwardForm):
    title = gettext_lazy("Publish")
    button = gettext_lazy("Publish")
    warning = gettext_lazy("Readers see it on the project’s page, while the project is public.")
    permission = PUBLISH_PROJECT

    def execute(self) -> str:
        documents.publish_item(self.row)
        return _("“%(item)s” is published.") % {"item": self.row}


class UnpublishItemForm(PostAwardForm):
    title = gettext_lazy("Unpublish")
    button = gettext_lazy("Unpublish")
    permission = PUBLISH_PROJECT

    def execute(self) -> str:
        documents.unpublish_item(self.row)
        return _("“%(item)s” is unpublished.") % {"item": self.row}
