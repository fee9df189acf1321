"""Forms of agreements, payments, reports, amendments and documents."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, ClassVar

from crispy_forms.layout import Hidden, LayoutObject
from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.files.uploadedfile import UploadedFile
from django.db import models
from django.forms.models import fields_for_model, model_to_dict
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy

from projects.models import (
    Agreement,
    Amendment,
    AmendmentKind,
    Document,
    DocumentKind,
    Instalment,
    Output,
    Partnership,
    Project,
    Repayment,
    Report,
    ReportKind,
    Role,
)
from projects.permissions import MANAGE_AWARDS, PUBLISH_PROJECT
from projects.post_award import actions, documents
from projects.post_award.payment_limits import account_of, agreement_of
from psf.files.types import ACCEPT, MAX_BYTES, MEGABYTE, TYPE_NAMES, extension_of
from psf.history.recording import REASON_LENGTH
from psf.staff.edit_conflicts import format_field_value
from psf.staff.forms import StaffForm
from psf.staff.widgets import (
    DAY_IN_FIGURES,
    AmountField,
    NumberField,
    SafeAutocompleteSelect,
    check_input,
)
from psf.text.numbers_and_amounts import eur


def typed_field(field: models.Field, **kwargs: Any) -> forms.Field:
    """The form field of a model field."""
    if isinstance(field, models.DecimalField):
        kwargs["form_class"] = AmountField
    if isinstance(field, models.DateField):
        kwargs["validators"] = field.validators  # else only a ModelForm would run them
    form_field = field.formfield(**kwargs)
    assert form_field is not None
    if isinstance(form_field, forms.DateField):
        form_field.widget = forms.DateInput(attrs={"class": "psf-day"})
        form_field.error_messages["invalid"] = DAY_IN_FIGURES
    check_input(form_field)
    return form_field


class PostAwardForm(StaffForm):
    """One action: `names` are the fields of `model` in the form, `needed` those never empty.

    `row` is the row of the project that the action changes, None if it adds one or needs none.
    """

    title: ClassVar[str | Promise]
    permission: ClassVar[str] = MANAGE_AWARDS
    model: ClassVar[type[models.Model]]
    names: ClassVar[Sequence[str]] = []
    needed: ClassVar[Sequence[str]] = []
    warning: ClassVar[str | Promise] = ""
    changes_page: ClassVar[bool] = False  # whether readers of a public project see the change
    reason_field: ClassVar[str] = "reason"  # the field whose text the history keeps
    confirmation = ""  # of the changes that the page shows

    reason = forms.CharField(
        label=gettext_lazy("Reason (optional, kept in the history)"),
        max_length=REASON_LENGTH,
        required=False,
    )

    def __init__(
        self, *args: Any, record: Project, user: User, row: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.record, self.row, self.user = record, row, user
        if self.names:
            fields = fields_for_model(self.model, self.names, formfield_callback=typed_field)
            self.fields = fields | self.fields
        for name in self.needed:
            self.fields[name].required = True
        if source := self.source():
            self.initial = model_to_dict(source, self.names)

    def layout(self) -> list[str | LayoutObject]:
        return [Hidden("confirmation", self.confirmation), *super().layout()]

    def source(self) -> models.Model | None:
        """The row with the initial values."""
        return self.row

    def differences(self) -> list[str]:
        sentence = _("%(field)s is saved as: %(value)s. When you save, your input replaces it.")
        source = self.source()
        return [
            sentence % {"field": field.label, "value": format_field_value(field, value)}
            for name, field in self.fields.items()
            if name in self.names and source and source.pk and name in self.changed_data
            if (value := self[name].initial)
        ]

    act: ClassVar[Callable[..., object]]  # the action on the target, with the values
    done: ClassVar[str | Promise]  # what was done; names the row or an amount

    def target(self) -> Any:
        """The row that the action changes or adds."""
        return self.row or self.model(project=self.record)

    def values(self) -> dict[str, Any]:
        """The cleaned values of `names`."""
        return {name: self.cleaned_data[name] for name in self.names}

    def execute(self) -> str:
        """Carry the action out, and return a sentence that says so."""
        row = self.target()
        type(self).act(row, **self.values())
        amounts = [eur(value) for value in self.cleaned_data.values() if isinstance(value, Decimal)]
        return str(self.done) % {"row": row, "amount": "".join(amounts[:1])}


class AgreementForm(PostAwardForm):
    title = gettext_lazy("Agreement")
    button = gettext_lazy("Save the agreement")
    model = Agreement
    names = ["number", "amount_eur", "lead_signed_on", "we_signed_on"]

    act = actions.sign_agreement
    done = gettext_lazy("Agreement %(row)s for %(amount)s is recorded.")

    def source(self) -> Agreement:
        first = Agreement(project=self.record, amount_eur=self.record.amount_eur)
        return agreement_of(self.record) or first

    target = source


def _percent_field(label: Any) -> NumberField:
    words = gettext_lazy("Per cent of the agreement. The three shares add up to 100.")
    return NumberField(label=label, min_value=0, max_value=100, help_text=words)


class StandardInstalmentsForm(PostAwardForm):
    title = gettext_lazy("Standard instalments")
    button = gettext_lazy("Create standard instalments")
    first = _percent_field(gettext_lazy("On signature"))
    second = _percent_field(gettext_lazy("On the interim report"))
    balance = _percent_field(gettext_lazy("On the final report"))
    shares = ["first", "second", "balance"]
    reports = {
        ReportKind.INTERIM: gettext_lazy("The interim report is due"),
        ReportKind.FINAL: gettext_lazy("The final report is due"),
    }
    field_order = [*shares, *reports, "reason"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind, label in self.reports.items():
            day = Report._meta.get_field("due_on")
            help_text = _("Empty: no report of this kind is expected yet.")
            self.fields[kind] = typed_field(day, label=label, required=False, help_text=help_text)
        self.order_fields(self.field_order)

    def execute(self) -> str:
        percents = [self.cleaned_data[name] for name in self.shares]
        reports = {str(kind): self.cleaned_data[kind] for kind in self.reports}
        actions.create_standard_instalments(self.record, percents, reports)
        return _("The instalments are created.")


class InstalmentForm(PostAwardForm):
    title = gettext_lazy("Instalment")
    button = gettext_lazy("Save the instalment")
    model = Instalment
    names = ["condition", "report_kind", "amount_eur", "due_on"]
    act = actions.plan_instalment
    done = gettext_lazy("The instalment “%(row)s” is saved.")


class DeleteInstalmentForm(PostAwardForm):
    title = gettext_lazy("Remove an instalment")
    button = gettext_lazy("Remove instalment")
    act = actions.delete_instalment
    done = gettext_lazy("The instalment “%(row)s” is removed.")


class PaymentForm(PostAwardForm):
    title = gettext_lazy("Record a payment")
    button = gettext_lazy("Record payment")
    model = Instalment
    names = ["paid_on", "paid_eur", "paid_more_reason", "condition_met_on", "condition_waived"]
    needed = ["paid_on", "paid_eur"]
    act = actions.record_payment
    done = gettext_lazy("%(amount)s were paid.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.row.report_kind:
            day = self.fields["condition_met_on"]
            day.disabled = True
            day.help_text = _("The day on which the required report was approved.")

    def source(self) -> Instalment:
        return Instalment(
            paid_on=timezone.localdate(),
            paid_eur=self.row.amount_eur,
            condition_met_on=actions.approval_day(self.row),
        )


class RepaymentForm(PostAwardForm):
    title = gettext_lazy("Record a repayment")
    button = gettext_lazy("Record repayment")
    model = Repayment
    names = ["day", "amount_eur", "why"]
    reason = None  # type: ignore[assignment]
    reason_field = "why"
    act = actions.record_repayment
    done = gettext_lazy("%(amount)s were repaid.")


class CloseForm(PostAwardForm):
    title = gettext_lazy("Close the account")
    button = gettext_lazy("Close the account")
    warning = gettext_lazy(
        "The final amount replaces the amount of the project. Readers see it as “paid in the "
        "end”. After that, nothing more can be planned, paid or repaid."
    )
    changes_page = True
    model = Agreement
    names = needed = ["closed_on"]
    final_eur = AmountField(label=gettext_lazy("Final amount"))
    act = actions.close_account
    done = gettext_lazy("The account is closed. Final amount: %(amount)s.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["final_eur", "closed_on", "reason"])
        account = account_of(self.record)
        self.fields["final_eur"].help_text = _(
            "Payments of %(paid)s minus repayments of %(returned)s. Planned and not paid: "
            "%(unpaid)s."
        ) % {
            "paid": eur(account.paid),
            "returned": eur(account.returned),
            "unpaid": eur(account.planned - account.paid),
        }
        self.initial = {
            "final_eur": account.net_paid,
            "closed_on": timezone.localdate(),
        }

    def target(self) -> Project:
        return self.record

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ["final_eur", "closed_on"]}


class ReportForm(PostAwardForm):
    title = gettext_lazy("Report")
    button = gettext_lazy("Save the report")
    model = Report
    names = ["kind", "due_on"]
    act = actions.plan_report
    done = gettext_lazy("The %(row)s is expected.")


class DeleteReportForm(PostAwardForm):
    title = gettext_lazy("Remove a report")
    button = gettext_lazy("Remove report")
    act = actions.delete_report
    done = gettext_lazy("The %(row)s is no longer expected.")


class ReceiptForm(PostAwardForm):
    title = gettext_lazy("Record the receipt of a report")
    button = gettext_lazy("Record receipt")
    model = Report
    names = needed = ["received_on"]
    act = actions.receive_report
    done = gettext_lazy("The %(row)s is received.")

    def source(self) -> Report:
        return Report(received_on=timezone.localdate())


class ApprovalForm(PostAwardForm):
    title = gettext_lazy("Approve a report")
    button = gettext_lazy("Approve report")
    model = Report
    names = needed = ["approved_on"]
    act = actions.approve_report
    done = gettext_lazy("The %(row)s is approved.")

    def source(self) -> Report:
        return Report(approved_on=timezone.localdate())


class AmendmentForm(PostAwardForm):
    kind = ""
    model = Amendment
    button = gettext_lazy("Record the amendment")
    names = ["agreed_on", "words"]
    reason = None  # type: ignore[assignment]
    reason_field = "words"
    act = actions.record_amendment
    done = gettext_lazy("The amendment is recorded: %(row)s.")

    def target(self) -> Amendment:
        return Amendment(project=self.record, kind=self.kind)


def _search_field(name: str, required: bool, help_text: str) -> forms.Field:
    """A field that finds a record by typing, as in the form of the project."""
    field: Any = Partnership._meta.get_field(name)
    widget = SafeAutocompleteSelect(field, admin.site)
    return field.formfield(widget=widget, required=required, help_text=help_text)


class JoinForm(AmendmentForm):
    kind = AmendmentKind.PARTNER_JOINED
    title = gettext_lazy("A partner joins")
    warning = gettext_lazy("Readers see the partner in the list, with the first day.")
    changes_page = True
    names = ["day", "agreed_on", "words"]
    needed = ["day"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        partner = _search_field("partner", required=True, help_text="")
        words = _("Leave empty to use the country of the organisation.")
        country = _search_field("country", required=False, help_text=words)
        self.fields = {"partner": partner, "country": country} | self.fields

    def target(self) -> Amendment:
        partner = self.cleaned_data["partner"]
        country = self.cleaned_data["country"] or partner.country
        amendment = super().target()
        amendment.partnership = Partnership(partner=partner, country=country)
        return amendment


class LeaveForm(AmendmentForm):
    kind = AmendmentKind.PARTNER_LEFT
    title = gettext_lazy("A partner leaves")
    warning = gettext_lazy("Readers see the partner in the list, with the last day.")
    changes_page = True
    names = ["partnership", "day", "agreed_on", "words"]
    needed = ["partnership", "day"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["partnership"]
        rows = self.record.partnerships.select_related("partner", "country")
        # A lead partner cannot leave.
        field.queryset = rows.filter(left_on__isnull=True, role=Role.PARTNER)
        field.help_text = _(
            "The lead partner is not in this list: first choose another one in the project’s form."
        )
        field.label_from_instance = lambda row: str(row.partner or row.country)


class ProlongationForm(AmendmentForm):
    kind = AmendmentKind.PROLONGATION
    title = gettext_lazy("Prolong the project")
    warning = gettext_lazy("Readers see the new and the earlier end.")
    changes_page = True
    names = ["ends_after", "agreed_on", "words"]
    needed = ["ends_after"]


class BudgetShiftForm(AmendmentForm):
    kind = AmendmentKind.BUDGET_SHIFT
    title = gettext_lazy("Budget shift")
    names = ["amount_after_eur", "agreed_on", "words"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount_after_eur"].help_text = _("EUR. Leave empty to keep the amount.")


class OtherAmendmentForm(AmendmentForm):
    kind = AmendmentKind.OTHER
    title = gettext_lazy("Another amendment")


class DocumentForm(PostAwardForm):
    title = gettext_lazy("Document")
    button = gettext_lazy("Save the document")
    model = Document
    names = ["title", "kind", "alternative", "has_consent", "language", "day", "licence", "report"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["report"]
        field.queryset = self.record.reports.all()

    act = documents.change_document
    done = gettext_lazy("The document “%(row)s” is saved.")


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
        # An application is never public.
        field.queryset = self.record.documents.exclude(kind=DocumentKind.APPLICATION)

    act = documents.save_output
    done = gettext_lazy("The output “%(row)s” is saved.")


class DeleteItemForm(PostAwardForm):
    title = gettext_lazy("Remove from the project")
    button = gettext_lazy("Remove")
    warning = gettext_lazy("You can restore it from the history.")
    act = documents.delete_item
    done = gettext_lazy("“%(row)s” is removed.")


class PublishItemForm(PostAwardForm):
    title = button = gettext_lazy("Publish")
    warning = gettext_lazy("Readers see it on the project’s page, while the project is public.")
    permission = PUBLISH_PROJECT
    act = documents.publish_item
    done = gettext_lazy("“%(row)s” is published.")


class UnpublishItemForm(PostAwardForm):
    title = button = gettext_lazy("Unpublish")
    permission = PUBLISH_PROJECT
    act = documents.unpublish_item
    done = gettext_lazy("“%(row)s” is unpublished.")
