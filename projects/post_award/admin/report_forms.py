"""Reports and amendments, as forms."""

from datetime import date
from typing import Any

from crispy_forms.layout import Hidden, LayoutObject
from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy

from projects.eligibility.unlikely_values import period_warning
from projects.models import Amendment, AmendmentKind, Partnership, Report, Role
from projects.post_award import agreements, payments
from projects.post_award.admin.forms import PostAwardForm
from psf.staff.widgets import SafeAutocompleteSelect
from psf.text.dates import Precision


class ReportForm(PostAwardForm):
    title = gettext_lazy("Report")
    button = gettext_lazy("Save the report")
    model = Report
    names = ["kind", "due_on"]

    def execute(self) -> str:
        report = payments.plan_report(self.record, report=self.row, **self.values())
        return _("The %(report)s is expected.") % {"report": report}


class DeleteReportForm(PostAwardForm):
    title = gettext_lazy("Remove a report")
    button = gettext_lazy("Remove report")
    act = payments.delete_report
    done = gettext_lazy("The %(row)s is no longer expected.")


class ReceiptForm(PostAwardForm):
    title = gettext_lazy("Record the receipt of a report")
    button = gettext_lazy("Record receipt")
    model = Report
    names = needed = ["received_on"]
    act = payments.receive_report
    done = gettext_lazy("The %(row)s is received.")

    def source(self) -> Report:
        return Report(received_on=timezone.localdate())


class ApprovalForm(PostAwardForm):
    title = gettext_lazy("Approve a report")
    button = gettext_lazy("Approve report")
    model = Report
    names = needed = ["approved_on"]
    act = payments.approve_report
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

    def amendment(self) -> Amendment:
        """The amendment as entered, not stored yet."""
        return Amendment(project=self.record, kind=self.kind, **self.values())

    def execute(self) -> str:
        amendment = self.amendment()
        agreements.record_amendment(amendment)
        return _("The amendment is recorded: %(amendment)s.") % {"amendment": amendment}


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

    def amendment(self) -> Amendment:
        partner = self.cleaned_data["partner"]
        country = self.cleaned_data["country"] or partner.country
        amendment = super().amendment()
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

    def layout(self) -> list[str | LayoutObject]:
        """The form is sent again to keep an unlikely day."""
        hidden = [Hidden("kept", self["ends_after"].value())] if self.is_bound else []
        return [*hidden, *super().layout()]

    def clean_ends_after(self) -> date:
        day: date = self.cleaned_data["ends_after"]
        # Without the precision of a day, the warning is about the end only.
        warning = period_warning(self.record.call, self.record.starts_on, day, Precision.YEAR)
        if warning and self.data.get("kept") != self["ends_after"].value():
            raise ValidationError(" ".join([warning, _("To keep this day, save again.")]))
        return day


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
