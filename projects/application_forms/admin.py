"""The staff pages of the application form of a call."""

from collections.abc import Mapping
from functools import partial
from typing import Any, cast

from crispy_forms.layout import HTML, LayoutObject
from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from projects.application_forms.batch import (
    Batch,
    read_upload,
    receive_forms,
    save_batch,
    send_mails,
)
from projects.application_forms.layout import Values, partners_of
from projects.application_forms.reader import ReadForm
from projects.application_forms.records import values_of
from projects.application_forms.workbook import form_response, write_form
from projects.call_setup.copy import add_standard_questions
from projects.imports.admin import ImportBase, PreviewImportPage, SaveForm
from projects.imports.jobs import finish_import
from projects.imports.organisations import key_of
from projects.imports.plan import Author, Plan
from projects.imports.preview import preview_of, summary
from projects.models import Call, FormMail, Import, Project
from projects.permissions import CHANGE_CALL, VIEW_CONTACT
from projects.stages import CallStage
from psf.database.fields import refuse_future
from psf.staff.forms import Button, StaffForm
from psf.staff.pages import ActionPage, StaffPage
from psf.text.mails import can_mail


class ApplicationFormPage(ActionPage):
    """The download of the form, and the standard questions for a new call."""

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

    def execute(self, form: StaffForm) -> str:
        add_standard_questions(self.record, self.user)
        return self.log(_("The call has the standard questions now. Adapt them."), self.record)


class FormFilePage(StaffPage):
    """The form of a call as applicants get it, or of a saved application, filled in."""

    name = "form_file"
    route = "application-form/form.xlsx"
    permission = "view"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        call = self.record
        values: Values = {}
        if isinstance(self.record, Project):
            call, may_see = self.record.call, self.user.has_perm(VIEW_CONTACT)
            values = values_of(self.record, with_contact=may_see)
        return form_response(f"{self.record.slug}-application-form", write_form(call, values))


class ManyFiles(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files. An empty file is explained with the other faults."""

    widget = ManyFiles(attrs={"accept": ".xlsx", "class": "psf-drop"})

    def clean(self, data: Any, initial: object = None) -> list[UploadedFile]:
        clean_one = super().clean
        return [clean_one(file, initial) for file in data] if data else [clean_one(None, initial)]


class ReceiptForm(StaffForm):
    """When applications were received."""

    received_on = forms.DateField(
        label=gettext_lazy("Received"),
        required=False,
        validators=[refuse_future],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("For all files. You can change it for one file in the next step."),
    )
    received_time = forms.TimeField(
        label=gettext_lazy("Time of receipt"),
        required=False,
        widget=forms.TimeInput(format="%H:%M"),
        help_text=gettext_lazy("In the time zone of the call."),
    )

    def clean(self) -> None:
        if self.cleaned_data.get("received_time") and not self.cleaned_data.get("received_on"):
            self.add_error("received_on", _("Enter the day of receipt too."))


class UploadFormsForm(ReceiptForm):
    button = gettext_lazy("Read the files")
    field_order = ["workbooks"]
    workbooks = FilesField(
        label=gettext_lazy("Application forms"),
        help_text=gettext_lazy(
            "The filled workbooks of this call (.xlsx). Drag them here, or choose them all at once."
        ),
        allow_empty_file=True,
    )


class ApplicationForm(ReceiptForm):
    """A form that can be saved: whether it is, and when it arrived."""

    take = forms.BooleanField(required=False, initial=True)

    def __init__(self, data: Mapping[str, str] | None, number: int, read: ReadForm, plan: Plan):
        received = {name: getattr(read, name) for name in ["received_on", "received_time"]}
        super().__init__(data, prefix=str(number), initial=received)
        self.read = read
        self.unmet = [finding for finding in read.findings if finding.is_unmet()]
        self.plan = plan.projects[number]
        self.organisations = _organisations(read, plan)

    def taken(self) -> ReadForm | None:
        """The form with its moment of receipt as it was corrected; None if it is not saved."""
        self.read.received_on = self.cleaned_data["received_on"]
        self.read.received_time = self.cleaned_data["received_time"]
        return self.read if self.cleaned_data["take"] else None


def _organisations(read: ReadForm, plan: Plan) -> list[str]:
    """How many partners are recorded, similar to recorded ones and new, in words."""
    known, similar, new = _("%(count)d known"), _("%(count)d similar"), _("%(count)d new")
    counts = dict.fromkeys([known, similar, new], 0)
    for facts in partners_of(read.values).values():
        row = plan.organisations.get(key_of(facts["partner_name"], facts["partner_country"]))
        counts[known if row is None or row.pk else similar if row.similar else new] += 1
    return [words % {"count": count} for words, count in counts.items() if count]


class SaveFormsForm(SaveForm):
    """Which applications are saved, and when each arrived."""

    button = gettext_lazy("Save the applications")

    def __init__(self, data: Mapping[str, str] | None, row: Import, batch: Batch) -> None:
        if data and data.get("preview") != row.fingerprint:
            data = None  # about another preview
        super().__init__(data, row)
        self.batch = batch
        rows = enumerate(batch.forms)
        self.rows = [ApplicationForm(data, n, read, cast(Plan, batch.plan)) for n, read in rows]
        self.is_blocked = not (batch.forms or batch.to_mail())
        if not batch.forms:
            self.button = gettext_lazy("Keep the mails")

    def layout(self) -> list[str | LayoutObject]:
        rows = HTML('{% include "admin/projects/application_forms/_rows.html" %}')
        return [rows, *super().layout()]

    def is_valid(self) -> bool:
        return all([super().is_valid(), *(row.is_valid() for row in self.rows)])

    def save_chosen(self) -> str:
        """Save what has a tick, and say what was saved. Raises `Refused`."""
        row, batch = self.row, self.batch
        chosen = Batch(batch.call, [*filter(None, (form.taken() for form in self.rows))])
        author = Author(row.file_name, row.owner, may_decide=False)
        finish = partial(finish_import, row.pk)
        plan = save_batch(chosen, author, self.choices(), batch.to_mail(), finish)
        return " ".join([*summary(plan), _("The mails wait below until you send them.")])


class AddApplicationsPage(ImportBase, ActionPage):
    """Upload filled forms. They wait for a confirmation; nothing is saved yet."""

    name = "add_applications"
    label = gettext_lazy("Add applications…")
    heading = gettext_lazy("Add applications to “%(record)s”")
    permission = VIEW_CONTACT  # of whom a form and its mails tell
    stage = CallStage.OPEN
    template_name = "admin/projects/application_forms/upload.html"
    fields = UploadFormsForm
    stays = True

    def is_offered(self) -> bool:
        return super().is_offered() and self.record.questions.exists()

    def execute(self, form: UploadFormsForm) -> str:
        self.row = receive_forms(self.record, self.user, **form.cleaned_data)
        return _("The files were read.")

    def success_url(self) -> str:
        return self.url_of(PreviewApplicationsPage.name, self.row.pk)


class PreviewApplicationsPage(PreviewImportPage):
    """What the forms would save, and what is wrong with them; then what was saved."""

    name = "add_applications_preview"
    route = "add-applications/<int:key>/"
    permission = VIEW_CONTACT
    parent = AddApplicationsPage
    template_name = "admin/projects/application_forms/preview.html"
    is_of_applications = True

    def make_form(self, data: QueryDict | None) -> SaveFormsForm:
        batch = read_upload(self.row)
        self.row.preview = preview_of(batch.plan) if batch.plan else {}
        self.row.fingerprint = batch.plan.fingerprint() if batch.plan else ""
        return SaveFormsForm(data, self.row, batch)

    def save_form(self, form: SaveFormsForm) -> str:
        return form.save_chosen()

    def saved_url(self) -> str:
        return self.url_of(FormMailsPage.name)

    def refused_url(self) -> str:
        return self.request.path


class FormMailsForm(StaffForm):
    """Which mails are sent, or not needed."""

    mails = forms.ModelMultipleChoiceField(
        FormMail.objects.none(),
        error_messages={
            "required": gettext_lazy("Choose at least one mail."),
            "invalid_choice": gettext_lazy("A chosen mail does not wait any more. Choose again."),
        },
    )

    def layout(self) -> list[str | LayoutObject]:
        return [HTML('{% include "admin/projects/application_forms/_mails.html" %}')]

    def buttons(self) -> list[Button]:
        send = [Button(_("Send the chosen mails"), "_send", is_default=True)] if can_mail() else []
        by_hand = Button(_("I have sent them by hand"), "_hand", is_default=not send)
        return [*send, by_hand, Button(_("Remove the chosen mails"), "_remove")]


class FormMailsPage(ImportBase, ActionPage):
    """Receipts and mails about faults wait here until somebody sends them."""

    name = "form_mails"
    label = gettext_lazy("Mails about forms…")
    heading = gettext_lazy("Mails about the application forms of “%(record)s”")
    permission = VIEW_CONTACT
    stage = CallStage.OPEN
    template_name = "admin/projects/application_forms/mails.html"
    fields = FormMailsForm
    stays = True

    def is_offered(self) -> bool:
        return super().is_offered() and self.record.form_mails.exists()

    def prepare(self, form: Any) -> None:
        self.waiting = self.record.form_mails.waiting()
        form.fields["mails"].queryset = self.waiting
        form.is_blocked = not self.waiting

    def context(self) -> Mapping[str, object]:
        sent = self.record.form_mails.filter(sent_at__isnull=False).select_related("sent_by")
        return {"waiting": self.waiting, "sent": [*sent.order_by("-sent_at")]}

    def execute(self, form: FormMailsForm) -> str:
        mails = form.cleaned_data["mails"]
        if "_remove" in form.data:
            count = mails.delete()[0]
            words = ngettext("%(count)d mail was removed.", "%(count)d mails were removed.", count)
            return words % {"count": count}
        count = send_mails(mails, self.user, by_hand="_send" not in form.data)
        words = ngettext("%(count)d mail was sent.", "%(count)d mails were sent.", count)
        return words % {"count": count}


FORM_PAGES = [ApplicationFormPage, FormFilePage]
FORM_PAGES += [AddApplicationsPage, PreviewApplicationsPage, FormMailsPage]


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
        budgets = self.record.budgets.all()
        names = {budget.number: budget.name for budget in budgets}
        answers = self.record.answers.select_related("question__criterion")
        named = [(answer, names.get(answer.number, "")) for answer in answers]
        return {"answers": named, "budgets": budgets}


APPLICATION_PAGES = [ApplicationPage, FormFilePage]
