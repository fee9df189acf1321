"""Agreement, instalments, repayments and the closing of the account, as forms."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.models import Agreement, Instalment, Repayment
from projects.post_award import agreements
from projects.post_award import payments as instalments
from projects.post_award.account import account_of, agreement_of
from projects.post_award.admin.forms import FollowingForm
from psf.text.numbers import eur


class AgreementForm(FollowingForm):
    title = gettext_lazy("Agreement")
    button = gettext_lazy("Save the agreement")
    model = Agreement
    names = ["number", "amount_eur", "lead_signed_on", "we_signed_on"]

    def shown(self) -> Any:
        return agreement_of(self.record) or Agreement(amount_eur=self.record.amount_eur or 0)

    def execute(self) -> str:
        agreement = agreements.sign_agreement(self.record, **self.said())
        return _("Agreement %(number)s over %(amount)s is recorded.") % {
            "number": agreement.number,
            "amount": eur(agreement.amount_eur),
        }


class LayOutForm(FollowingForm):
    title = gettext_lazy("The usual instalments")
    button = gettext_lazy("Lay them out")
    first = forms.IntegerField(
        label=gettext_lazy("On signature"), min_value=0, max_value=100, help_text="%"
    )
    second = forms.IntegerField(
        label=gettext_lazy("On the interim report"), min_value=0, max_value=100, help_text="%"
    )
    balance = forms.IntegerField(
        label=gettext_lazy("On the final report"), min_value=0, max_value=100, help_text="%"
    )
    field_order = ["first", "second", "balance"]

    def execute(self) -> str:
        percents = [self.cleaned_data[name] for name in ["first", "second", "balance"]]
        instalments.lay_out_instalments(self.record, percents)
        return _("The instalments are laid out.")


class InstalmentForm(FollowingForm):
    title = gettext_lazy("Instalment")
    button = gettext_lazy("Save the instalment")
    model = Instalment
    names = ["condition", "amount_eur", "due_on"]

    def execute(self) -> str:
        row = instalments.plan_instalment(self.record, instalment=self.part, **self.said())
        return _("The instalment “%(instalment)s” is laid out.") % {"instalment": row}


class DropInstalmentForm(FollowingForm):
    title = gettext_lazy("Take an instalment away")
    button = gettext_lazy("Take it away")
    model = Instalment

    def execute(self) -> str:
        name = str(self.part)
        instalments.drop_instalment(self.part)
        return _("The instalment “%(instalment)s” was taken away.") % {"instalment": name}


class PayForm(FollowingForm):
    title = gettext_lazy("Note a payment")
    button = gettext_lazy("It was paid")
    model = Instalment
    names = ["paid_on", "paid_eur"]
    needed = names

    def shown(self) -> Any:
        return Instalment(paid_on=timezone.localdate(), paid_eur=self.part.amount_eur)

    def execute(self) -> str:
        said = self.said()
        instalments.pay(self.part, said["paid_on"], said["paid_eur"])
        return _("%(amount)s were paid.") % {"amount": eur(said["paid_eur"])}


class RepayForm(FollowingForm):
    title = gettext_lazy("Note a repayment")
    button = gettext_lazy("It came back")
    model = Repayment
    names = ["day", "amount_eur", "why"]
    reason = None  # type: ignore[assignment]  # it is asked for already

    def execute(self) -> str:
        said = self.said()
        instalments.repay(self.record, said["day"], said["amount_eur"], said["why"])
        return _("%(amount)s came back.") % {"amount": eur(said["amount_eur"])}

    def why(self) -> str:
        return self.cleaned_data["why"]


class CloseForm(FollowingForm):
    title = gettext_lazy("Close the account")
    button = gettext_lazy("Close the account")
    warning = gettext_lazy(
        "The final amount takes the place of the amount of the project, and readers see it as "
        "“paid in the end”. Nothing more is planned, paid or returned then."
    )
    model = Agreement
    names = ["closed_on"]
    needed = names
    final_eur = forms.DecimalField(
        label=gettext_lazy("Final amount"), max_digits=12, decimal_places=2, help_text="EUR"
    )
    field_order = ["final_eur", "closed_on", "reason"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(self.field_order)
        self.initial = {
            "final_eur": account_of(self.record).kept,
            "closed_on": timezone.localdate(),
        }

    def execute(self) -> str:
        final = self.cleaned_data["final_eur"]
        agreements.close_account(self.record, final, self.cleaned_data["closed_on"])
        return _("The account is closed: %(amount)s in the end.") % {"amount": eur(final)}
