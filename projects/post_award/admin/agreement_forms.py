"""Agreement, instalments, repayments and the closing of the account, as forms."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy

from projects.models import Agreement, Instalment, Repayment
from projects.post_award import amendments, payments
from projects.post_award.account import account_of, agreement_of
from projects.post_award.admin.forms import PostAwardForm
from psf.staff.widgets import AmountField, NumberField
from psf.text.numbers import eur


class AgreementForm(PostAwardForm):
    title = gettext_lazy("Agreement")
    button = gettext_lazy("Save the agreement")
    model = Agreement
    names = ["number", "amount_eur", "lead_signed_on", "we_signed_on"]

    def source(self) -> Agreement:
        return agreement_of(self.record) or Agreement(amount_eur=self.record.amount_eur)

    def execute(self) -> str:
        agreement = amendments.sign_agreement(self.record, **self.values())
        return _("Agreement %(number)s for %(amount)s is recorded.") % {
            "number": agreement.number,
            "amount": eur(agreement.amount_eur),
        }


def _percent_field(label: Any) -> NumberField:
    words = gettext_lazy("Per cent of the agreement. The three shares add up to 100.")
    return NumberField(label=label, min_value=0, max_value=100, help_text=words)


class StandardInstalmentsForm(PostAwardForm):
    title = gettext_lazy("Standard instalments")
    button = gettext_lazy("Create standard instalments")
    first = _percent_field(gettext_lazy("On signature"))
    second = _percent_field(gettext_lazy("On the interim report"))
    balance = _percent_field(gettext_lazy("On the final report"))
    field_order = ["first", "second", "balance"]

    def execute(self) -> str:
        percents = [self.cleaned_data[name] for name in self.field_order]
        payments.create_standard_instalments(self.record, percents)
        return _("The instalments are created.")


class InstalmentForm(PostAwardForm):
    title = gettext_lazy("Instalment")
    button = gettext_lazy("Save the instalment")
    model = Instalment
    names = ["condition", "report_kind", "amount_eur", "due_on"]

    def execute(self) -> str:
        row = payments.plan_instalment(self.record, instalment=self.row, **self.values())
        return _("The instalment “%(instalment)s” is saved.") % {"instalment": row}


class DeleteInstalmentForm(PostAwardForm):
    title = gettext_lazy("Remove an instalment")
    button = gettext_lazy("Remove instalment")

    def execute(self) -> str:
        payments.delete_instalment(self.row)
        return _("The instalment “%(instalment)s” is removed.") % {"instalment": self.row}


class PaymentForm(PostAwardForm):
    title = gettext_lazy("Record a payment")
    button = gettext_lazy("Record payment")
    model = Instalment
    names = ["paid_on", "paid_eur", "paid_more_reason", "condition_met_on", "condition_waived"]
    needed = ["paid_on", "paid_eur"]

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
            condition_met_on=payments.approval_day(self.row),
        )

    def execute(self) -> str:
        payments.record_payment(self.row, **self.values())
        return _("%(amount)s were paid.") % {"amount": eur(self.cleaned_data["paid_eur"])}


class RepaymentForm(PostAwardForm):
    title = gettext_lazy("Record a repayment")
    button = gettext_lazy("Record repayment")
    model = Repayment
    names = ["day", "amount_eur", "why"]
    reason = None  # type: ignore[assignment]
    reason_field = "why"

    def execute(self) -> str:
        repayment = payments.record_repayment(self.record, **self.values())
        return _("%(amount)s were repaid.") % {"amount": eur(repayment.amount_eur)}


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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["final_eur", "closed_on", "reason"])
        self.initial = {
            "final_eur": account_of(self.record).net_paid,
            "closed_on": timezone.localdate(),
        }

    def execute(self) -> str:
        final = self.cleaned_data["final_eur"]
        amendments.close_account(self.record, final, self.cleaned_data["closed_on"])
        return _("The account is closed. Final amount: %(amount)s.") % {"amount": eur(final)}
