"""Documents and outputs, as forms."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.models import Document, Output
from projects.permissions import PUBLISH_PROJECT
from projects.post_award import documents as papers
from projects.post_award.admin.forms import FollowingForm
from psf.files.types import ACCEPT, FILE_TYPES, MAX_BYTES, MEGABYTE, extension_of


class ChangeDocumentForm(FollowingForm):
    title = gettext_lazy("Document")
    button = gettext_lazy("Save the document")
    model = Document
    names = ["title", "kind", "language", "day", "licence", "report"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["report"]
        field.queryset = self.record.reports.all()

    def execute(self) -> str:
        papers.change_document(self.part, **self.said())
        return _("The document “%(document)s” is saved.") % {"document": self.part}


class AddDocumentForm(ChangeDocumentForm):
    title = gettext_lazy("Put a document in")
    button = gettext_lazy("Put it in")
    warning = gettext_lazy("Readers see it only once it is published, by an act of its own.")
    file = forms.FileField(
        label=gettext_lazy("File"),
        widget=forms.FileInput(attrs={"accept": ACCEPT, "class": "psf-file-input"}),
        allow_empty_file=True,  # it is answered like every other file that is not what it says
    )
    field_order = ["file", *ChangeDocumentForm.names, "reason"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(self.field_order)
        self.fields["file"].help_text = _("%(kinds)s; at most %(most)d MB.") % {
            "kinds": ", ".join(name.upper() for name in FILE_TYPES),
            "most": MAX_BYTES // MEGABYTE,
        }

    def clean_file(self) -> Any:
        extension_of(self.cleaned_data["file"])
        return self.cleaned_data["file"]

    def execute(self) -> str:
        file = self.cleaned_data["file"]
        document = papers.add_document(self.record, file, self.user, **self.said())
        return _("The document “%(document)s” is put in.") % {"document": document}


class OutputForm(FollowingForm):
    title = gettext_lazy("Output")
    button = gettext_lazy("Save the output")
    model = Output
    names = ["title", "kind", "language", "day", "url", "document", "licence"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["document"]
        field.queryset = self.record.documents.all()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("url") and not data.get("document") and not self.errors:
            raise ValidationError(_("An output has a link, a document, or both."))
        return data

    def execute(self) -> str:
        output = self.part or Output(project=self.record)
        papers.save_output(output, **self.said())
        return _("The output “%(output)s” is saved.") % {"output": output}


class DeleteForm(FollowingForm):
    title = gettext_lazy("Take it out")
    button = gettext_lazy("Take it out")
    warning = gettext_lazy("The history can bring it back.")

    def execute(self) -> str:
        papers.delete_paper(self.part)
        return _("“%(paper)s” was taken out.") % {"paper": self.part}


class PublishForm(FollowingForm):
    title = gettext_lazy("Show it to readers")
    button = gettext_lazy("Publish")
    warning = gettext_lazy("It stands on the project’s page, as long as that is public.")
    permission = PUBLISH_PROJECT

    def execute(self) -> str:
        papers.publish(self.part)
        return _("“%(paper)s” is published.") % {"paper": self.part}


class TakeBackForm(FollowingForm):
    title = gettext_lazy("Take it back from the public")
    button = gettext_lazy("Take it back")
    permission = PUBLISH_PROJECT

    def execute(self) -> str:
        papers.take_back(self.part)
        return _("“%(paper)s” was taken back from the public.") % {"paper": self.part}


class DeleteDocumentForm(DeleteForm):
    model = Document


class PublishDocumentForm(PublishForm):
    model = Document


class TakeBackDocumentForm(TakeBackForm):
    model = Document


class DeleteOutputForm(DeleteForm):
    model = Output


class PublishOutputForm(PublishForm):
    model = Output


class TakeBackOutputForm(TakeBackForm):
    model = Output
