"""The staff pages of the application form of a call."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from crispy_forms.layout import HTML, LayoutObject
from django import forms
from django.contrib import messages
from django.contrib.admin.widgets import AdminDateWidget
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from projects.application_forms.batch import Batch, read_upload, receive_forms, save_batch
from projects.application_forms.mails import send_mails
from projects.application_forms.questions import add_standard_questions
from projects.application_forms.reader import ReadForm
from projects.application_forms.records import cells_of
from projects.application_forms.workbook import form_response, write_form
from projects.imports.admin import ImportBase, SaveForm
from projects.imports.jobs import finish_import
from projects.imports.organisations import key_of
from projects.imports.plan import Author
from projects.imports.preview import preview_of, summary
from projects.imports.problems import Refused
from projects.models import Call, FormMail, Import, PartnerBudget, Project
from projects.models.application_forms import COSTS, SHARES
from projects.permissions import CHANGE_CALL
from projects.stages import CallStage
from psf.database.fields import refuse_future
from psf.staff.forms import Button, StaffForm
from psf.staff.pages import ActionPage, StaffPage
from psf.text.mails import can_mail


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
            "questions": [*self.record.questions.select_related("criterion")],
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
        return form_response(f"{self.record.slug}-application-form", write_form(self.record))


def require_day(form: StaffForm, day: str, clock: str) -> None:
    """A time of receipt needs its day."""
    if form.cleaned_data.get(clock) and not form.cleaned_data.get(day):
        form.add_error(day, _("Enter the day of receipt too."))


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

    def clean(self) -> None:
        require_day(self, "received_on", "received_time")


class SaveFormsForm(SaveForm):
    """Which applications are saved, when each arrived, and who gets a mail about faults."""

    button = gettext_lazy("Save the applications")

    def __init__(self, data: Mapping[str, str] | None, row: Import, batch: Batch) -> None:
        super().__init__(data, row)
        self.batch = batch
        self.own: dict[str, forms.Field] = {}
        for number, read in enumerate(batch.forms):
            name, past = {"name": read.reference}, {"validators": [refuse_future]}
            received = _("Received: %(name)s") % name
            time = _("Time of receipt: %(name)s") % name
            self._ask(f"take-{number}", forms.BooleanField, f"{read.reference}: {read.title()}")
            self._ask(f"day-{number}", forms.DateField, received, read.received_on, **past)
            self._ask(f"time-{number}", forms.TimeField, time, read.received_time)
        for number, read in enumerate(batch.faulty):
            # A fault with a reference comes from the records, which applicants do not see.
            if not read.reference and (address := read.address()):
                label = _("Mail to %(address)s") % {"address": address}
                self._ask(f"mail-{number}", forms.BooleanField, label)
        self.fields |= self.own

    def _ask(
        self, name: str, kind: type[forms.Field], label: str, initial: Any = True, **more: Any
    ) -> None:
        self.own[name] = kind(label=label, initial=initial, required=False, **more)

    def layout(self) -> list[str | LayoutObject]:
        fields = [part for part in super().layout() if part not in self.own]
        return [HTML('{% include "admin/projects/application_forms/_rows.html" %}'), *fields]

    def clean(self) -> None:
        for number in range(len(self.batch.forms)):
            require_day(self, f"day-{number}", f"time-{number}")

    def rows(self) -> Iterator[dict[str, Any]]:
        """An application of the preview with its fields, and the rules that it does not meet."""
        plan = self.batch.plan
        notes = {row.reference: row.notes for row in plan.projects} if plan else {}
        for number, read in enumerate(self.batch.forms):
            yield {
                "read": read,
                "organisations": self._organisations(read),
                "unmet": [finding for finding in read.findings if finding.is_unmet()],
                "notes": notes[read.reference],
                **{name: self[f"{name}-{number}"] for name in ["take", "day", "time"]},
            }

    def _organisations(self, read: ReadForm) -> list[str]:
        """How many partners are recorded, similar to recorded ones and new, in words."""
        named = self.batch.plan.organisations if self.batch.plan else {}
        known, similar, new = _("%(count)d known"), _("%(count)d similar"), _("%(count)d new")
        counts = dict.fromkeys([known, similar, new], 0)
        for facts in read.partners().values():
            row = named[key_of(facts["partner_name"], facts["partner_country"])]
            counts[known if row.pk else similar if row.similar else new] += 1
        return [words % {"count": count} for words, count in counts.items() if count]

    def faulty(self) -> list[tuple[ReadForm, forms.BoundField | None]]:
        return [
            (read, self[f"mail-{number}"] if f"mail-{number}" in self.own else None)
            for number, read in enumerate(self.batch.faulty)
        ]

    def chosen(self, kind: str, reads: list[ReadForm]) -> list[ReadForm]:
        """The forms with a tick, with the moments of receipt as they were corrected."""
        data = self.cleaned_data
        for number, read in enumerate(self.batch.forms):
            read.received_on, read.received_time = data[f"day-{number}"], data[f"time-{number}"]
        return [read for number, read in enumerate(reads) if data.get(f"{kind}-{number}")]

    def save_chosen(self) -> str:
        """Save what has a tick, and say what was saved. Raises `Refused`."""
        row, batch = self.row, self.batch
        chosen = Batch(batch.call, self.chosen("take", batch.forms))
        mails = self.chosen("mail", batch.faulty)
        author = Author(row.file_name, row.owner, may_decide=False)
        finish = partial(finish_import, row.pk)
        plan = save_batch(chosen, author, self.choices(), mails, finish=finish)
        return " ".join([*summary(plan), _("The mails wait below until you send them.")])


class AddApplicationsPage(ImportBase, ActionPage):
    """Upload filled forms. They wait for a confirmation; nothing is saved yet."""

    name = "add_applications"
    label = gettext_lazy("Add applications…")
    heading = gettext_lazy("Add applications to “%(record)s”")
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


class PreviewApplicationsPage(ImportBase, ActionPage):
    """What the forms would save, and what is wrong with them; then what was saved."""

    name = "add_applications_preview"
    route = "add-applications/<int:key>/"
    parent = AddApplicationsPage
    template_name = "admin/projects/application_forms/preview.html"

    def load(self) -> None:
        super().load()
        rows = Import.objects.filter(call=self.record, owner=self.user, is_of_applications=True)
        self.row = get_object_or_404(rows, pk=self.kwargs["key"])

    def crumb(self) -> str:
        return self.row.file_name

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        saved = self.row.saved_at and redirect(self.success_url())
        return saved or super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        saved = self.row.saved_at and redirect(self.success_url())  # the same form, sent twice
        return saved or super().post(request, *args, **kwargs)

    def make_form(self, *sent: Any) -> SaveFormsForm:
        """The form about the files as they compare with the records of now.

        After another change of the records what was sent is about another preview.
        """
        batch = read_upload(self.row)
        self.row.preview = preview_of(batch.plan) if batch.plan else {}
        self.row.fingerprint = batch.plan.fingerprint() if batch.plan else ""
        data = next(iter(sent), None)
        if data is not None and data.get("preview") != self.row.fingerprint:
            why = _("Nothing was saved. Check the preview, then confirm it.")
            messages.error(self.request, why)
            data = None
        form = SaveFormsForm(data, self.row, batch)
        form.is_blocked = not form.own
        return form

    def execute(self, form: SaveFormsForm) -> str:
        try:
            return form.save_chosen()
        except Refused as refusal:
            raise ValidationError(_("Nothing was saved. %(why)s") % {"why": refusal}) from None

    def success_url(self) -> str:
        return self.url_of(FormMailsPage.name)

    def cancel_url(self) -> str:
        return self.url_of(AddApplicationsPage.name)


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


FORM_PAGES = [ApplicationFormPage, DownloadFormPage]
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
        with_contact = self.user.has_perm("projects.view_contact")
        content = write_form(self.record.call, cells_of(self.record, with_contact=with_contact))
        return form_response(f"{self.record.slug}-application", content)


APPLICATION_PAGES = [ApplicationPage, FilledFormPage]
