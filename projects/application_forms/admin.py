"""The staff pages of the application form of a call."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from crispy_forms.layout import HTML, LayoutObject
from django import forms
from django.contrib import messages
from django.contrib.admin.widgets import AdminDateWidget
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _, gettext_lazy

from projects.application_forms.batch import (
    Batch,
    Receipt,
    Upload,
    cells_of,
    read_batch,
    receive_forms,
    save_forms,
    upload_of,
)
from projects.application_forms.questions import add_standard_questions
from projects.application_forms.reader import ReadForm
from projects.application_forms.views import form_response
from projects.application_forms.workbook import write_form
from projects.eligibility.rules import RuleFinding
from projects.imports.admin import ImportBase, SaveForm
from projects.imports.preview import preview_of
from projects.imports.problems import Refused
from projects.models import Call, Import, PartnerBudget, Project
from projects.models.application_forms import COSTS, SHARES
from projects.permissions import CHANGE_CALL
from projects.stages import CallStage
from psf.database.fields import refuse_future
from psf.staff.forms import StaffForm
from psf.staff.pages import ActionPage, StaffPage


class ApplicationFormPage(ActionPage):
    """The questions of the form, its download, and the standard questions for a new call."""

    name = "application_form"
    label = gettext_lazy("Application form…")
    heading = gettext_lazy("Application form of “%(record)s”")
    stage = CallStage.PREPARE
    permission = CHANGE_CALL
    stays = True
    template_name = "admin/projects/application_forms/form.html"
    button = gettext_lazy("Add the ten standard questions")
    record: Call

    def prepare(self, form: StaffForm) -> None:
        form.is_blocked = self.record.questions.exists()

    def context(self) -> Mapping[str, object]:
        return {
            "questions": list(self.record.questions.select_related("criterion")),
            "is_offered": Call.objects.with_form().filter(pk=self.record.pk).exists(),
        }

    def execute(self, form: StaffForm) -> str:
        add_standard_questions(self.record, self.user)
        return self.log(_("The call has the standard questions now. Adapt them."), self.record)


class DownloadFormPage(StaffPage):
    """The workbook as applicants get it, also before readers see the call."""

    name = "application_form_file"
    route = "application-form/form.xlsx"
    permission = "view"
    record: Call

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        name = f"{self.record.slug}-application-form.xlsx"
        return form_response(name, write_form(self.record))


DAY_TOO = gettext_lazy("Enter the day of receipt too.")


class ManyFiles(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files. An empty file is explained with the other faults."""

    widget = ManyFiles(attrs={"accept": ".xlsx", "class": "psf-drop"})

    def clean(self, data: Any, initial: object = None) -> list[UploadedFile]:
        clean_one = super().clean
        return [clean_one(file, initial) for file in data] if data else [clean_one(None, initial)]


class UploadFormsForm(StaffForm):
    button = gettext_lazy("Read the files")
    workbooks = FilesField(
        label=gettext_lazy("Application forms"),
        help_text=gettext_lazy(
            "The filled workbooks of this call (.xlsx). Drag them here, or choose them all at once."
        ),
        allow_empty_file=True,
    )
    received_on = forms.DateField(
        label=gettext_lazy("Received"),
        required=False,
        validators=[refuse_future],
        widget=AdminDateWidget,
        help_text=gettext_lazy("For all files. You can change it for one file in the next step."),
    )
    received_time = forms.TimeField(
        label=gettext_lazy("Time of receipt"),
        required=False,
        help_text=gettext_lazy("In the time zone of the call."),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("received_time") and not data.get("received_on"):
            self.add_error("received_on", DAY_TOO)
        return data


class FormRow(NamedTuple):
    """An application of the preview, with the rules that it does not meet, and its fields."""

    reference: str
    read: ReadForm
    unmet: list[RuleFinding]
    take: forms.BoundField
    day: forms.BoundField
    time: forms.BoundField


class SaveFormsForm(SaveForm):
    """Which applications are saved, and when each arrived."""

    button = gettext_lazy("Save the applications")

    def __init__(
        self, data: Mapping[str, str] | None, row: Import, upload: Upload, batch: Batch
    ) -> None:
        super().__init__(data, row)
        self.batch = batch
        for number, (reference, sent_form) in enumerate(batch.forms.items()):
            label = f"{reference}, {sent_form.title()}"
            self.fields |= {
                f"take-{number}": forms.BooleanField(label=label, initial=True, required=False),
                f"day-{number}": forms.DateField(
                    label=_("Received: %(name)s") % {"name": reference},
                    initial=upload.received_on,
                    required=False,
                    validators=[refuse_future],
                ),
                f"time-{number}": forms.TimeField(
                    label=_("Time of receipt: %(name)s") % {"name": reference},
                    initial=upload.received_time,
                    required=False,
                ),
            }

    def layout(self) -> list[str | LayoutObject]:
        own = {name for row in self.rows() for name in [row.take.name, row.day.name, row.time.name]}
        fields = [part for part in super().layout() if part not in own]
        return [HTML('{% include "admin/projects/application_forms/_rows.html" %}'), *fields]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for number in range(len(self.batch.forms)):
            if data.get(f"time-{number}") and not data.get(f"day-{number}"):
                self.add_error(f"day-{number}", DAY_TOO)
        return data

    def rows(self) -> list[FormRow]:
        return [
            FormRow(
                reference,
                sent_form,
                [finding for finding in self.batch.findings[reference] if finding.is_unmet()],
                *(self[f"{name}-{number}"] for name in ["take", "day", "time"]),
            )
            for number, (reference, sent_form) in enumerate(self.batch.forms.items())
        ]

    def chosen(self) -> dict[str, Receipt]:
        """The moment of receipt of each application to save, by reference."""
        data = self.cleaned_data
        return {
            reference: Receipt(data[f"day-{number}"], data[f"time-{number}"])
            for number, reference in enumerate(self.batch.forms)
            if data[f"take-{number}"]
        }


class AddApplicationsPage(ImportBase):
    """Upload filled forms. They wait for a confirmation; nothing is saved yet."""

    name = "add_applications"
    label = gettext_lazy("Add applications…")
    heading = gettext_lazy("Add applications to “%(record)s”")
    stage = CallStage.OPEN
    template_name = "admin/projects/application_forms/upload.html"

    def is_offered(self) -> bool:
        return super().is_offered() and self.record.questions.exists()

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.render(form=UploadFormsForm())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = UploadFormsForm(request.POST, request.FILES)
        if form.is_valid():
            row = receive_forms(self.record, self.user, **form.cleaned_data)
            return redirect(self.url_of(PreviewApplicationsPage.name, row.pk))
        return self.render(form=form)


class PreviewApplicationsPage(ImportBase):
    """What the forms would save, and what is wrong with them; then what was saved."""

    name = "add_applications_preview"
    route = "add-applications/<int:key>/"
    parent = AddApplicationsPage
    template_name = "admin/projects/application_forms/preview.html"

    def load(self) -> None:
        super().load()
        rows = Import.objects.filter(call=self.record, owner=self.user, is_of_applications=True)
        self.row = get_object_or_404(rows, pk=self.kwargs["key"])
        if self.row.saved_at:
            self.template_name = "admin/projects/imports/saved.html"

    def crumb(self) -> str:
        return self.row.file_name

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.render(row=self.row) if self.row.saved_at else self._show(self._form())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.row.saved_at:  # by the same form, sent twice
            return redirect(self.url_of(self.name, self.row.pk))
        form = self._form(request.POST)
        if request.POST.get("preview") != self.row.fingerprint:
            messages.error(request, _("Nothing was saved. Check the preview, then confirm it."))
            return self._show(self._form())
        if not form.is_valid():
            return self._show(form)
        try:
            save_forms(self.row, form.batch, form.chosen(), form.choices())
        except Refused as refusal:
            messages.error(request, _("Nothing was saved. %(why)s") % {"why": refusal})
            return self._show(form)
        return redirect(self.url_of(self.name, self.row.pk))

    def _form(self, data: Mapping[str, str] | None = None) -> SaveFormsForm:
        """The form, with the preview of the files as they compare with the records of now."""
        upload = upload_of(self.row)
        batch = read_batch(upload.workbooks, self.record)
        plan = batch.plan
        self.row.preview = preview_of(plan) if plan else {}
        self.row.fingerprint = plan.fingerprint() if plan else ""
        return SaveFormsForm(data, self.row, upload, batch)

    def _show(self, form: SaveFormsForm) -> HttpResponseBase:
        form.cancel_url = self.url_of(AddApplicationsPage.name)
        form.is_blocked = not form.batch.forms
        return self.render(form=form, row=self.row, batch=form.batch, preview=self.row.preview)


FORM_PAGES = [ApplicationFormPage, DownloadFormPage, AddApplicationsPage, PreviewApplicationsPage]


class ApplicationPage(StaffPage):
    """The answers and the budget of an application, as they arrived."""

    name = "application"
    label = gettext_lazy("Answers and budget")
    heading = gettext_lazy("Answers and budget of “%(record)s”")
    permission = "view"
    template_name = "admin/projects/application_forms/application.html"
    record: Project

    def is_offered(self) -> bool:
        return super().is_offered() and self.record.answers.exists()

    def context(self) -> Mapping[str, object]:
        budgets = list(self.record.budgets.all())
        names = {budget.number: budget.name for budget in budgets}
        amounts = [*COSTS, *SHARES]
        fields = [field for field in PartnerBudget._meta.fields if field.name in amounts]
        answers = self.record.answers.select_related("question__criterion")
        return {
            "answers": [(answer, names.get(answer.number, "")) for answer in answers],
            "heads": [field.verbose_name for field in fields],
            "budgets": [
                (budget, [*(getattr(budget, field.name) for field in fields), budget.grant()])
                for budget in budgets
            ],
        }


class FilledFormPage(StaffPage):
    """The form of a saved application, filled in."""

    name = "application_file"
    route = "application/form.xlsx"
    permission = "view"
    record: Project

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        content = write_form(self.record.call, cells_of(self.record))
        return form_response(f"{self.record.slug}-application.xlsx", content)


APPLICATION_PAGES = [ApplicationPage, FilledFormPage]
