"""Reports and amendments, as forms."""

from typing import Any

from django import forms
from django.contrib import admin
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from partners.models import Country, Partner
from projects.models import Amendment, AmendmentKind, Partnership, Report
from projects.post_award import amendments as amending
from projects.post_award import reports
from projects.post_award.admin.forms import FollowingForm
from psf.staff.widgets import SafeAutocompleteSelect


class ReportForm(FollowingForm):
    title = gettext_lazy("Report")
    button = gettext_lazy("Save the report")
    model = Report
    names = ["kind", "due_on"]

    def execute(self) -> str:
        report = reports.expect_report(self.record, report=self.part, **self.said())
        return _("The %(report)s is expected.") % {"report": report}


class DropReportForm(FollowingForm):
    title = gettext_lazy("Expect a report no more")
    button = gettext_lazy("Take it away")
    model = Report

    def execute(self) -> str:
        reports.drop_report(self.part)
        return _("The %(report)s is not expected any more.") % {"report": self.part}


class ReceiveForm(FollowingForm):
    title = gettext_lazy("A report has come in")
    button = gettext_lazy("It has come in")
    model = Report
    names = ["received_on"]
    needed = names

    def shown(self) -> Any:
        return Report(received_on=timezone.localdate())

    def execute(self) -> str:
        reports.receive_report(self.part, self.cleaned_data["received_on"])
        return _("The %(report)s has come in.") % {"report": self.part}


class ApproveForm(FollowingForm):
    title = gettext_lazy("Approve a report")
    button = gettext_lazy("Approve it")
    model = Report
    names = ["approved_on"]
    needed = names

    def shown(self) -> Any:
        return Report(approved_on=timezone.localdate())

    def execute(self) -> str:
        reports.approve_report(self.part, self.cleaned_data["approved_on"])
        return _("The %(report)s is approved.") % {"report": self.part}


class AmendForm(FollowingForm):
    """An amendment of one kind, which the form does not ask for."""

    kind = ""
    model = Amendment
    button = gettext_lazy("Record the amendment")
    names = ["agreed_on", "words"]
    reason = None  # type: ignore[assignment]  # the words say it

    def amendment(self) -> Amendment:
        """What was entered, not stored yet."""
        return Amendment(project=self.record, kind=self.kind, **self.said())

    def execute(self) -> str:
        amendment = self.amendment()
        amending.amend(amendment)
        return _("The amendment is recorded: %(amendment)s.") % {"amendment": amendment}

    def why(self) -> str:
        return self.cleaned_data["words"]


def _chosen(model: Any, name: str) -> Any:
    """A field that finds a record by typing, as in the project's form."""
    field = Partnership._meta.get_field(name)
    return forms.ModelChoiceField(
        model.objects.all(),
        label=capfirst(field.verbose_name),  # type: ignore[union-attr]
        widget=SafeAutocompleteSelect(field, admin.site),
    )


class JoinForm(AmendForm):
    kind = AmendmentKind.PARTNER_JOINED
    title = gettext_lazy("A partner joins")
    warning = gettext_lazy("Readers see the partner in the list, with the day.")
    names = ["day", "agreed_on", "words"]
    needed = ["day"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        country = _chosen(Country, "country")
        country.required = False
        country.help_text = _("The country it takes part for. Empty: where the organisation sits.")
        self.fields = {"partner": _chosen(Partner, "partner"), "country": country} | self.fields

    def amendment(self) -> Amendment:
        partner = self.cleaned_data["partner"]
        country = self.cleaned_data["country"] or partner.country
        amendment = super().amendment()
        amendment.partnership = Partnership(partner=partner, country=country)
        return amendment


class LeaveForm(AmendForm):
    kind = AmendmentKind.PARTNER_LEFT
    title = gettext_lazy("A partner leaves")
    warning = gettext_lazy("Readers see the partner in the list, marked with its last day.")
    names = ["partnership", "day", "agreed_on", "words"]
    needed = ["partnership", "day"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["partnership"]
        parts = self.record.partnerships.select_related("partner", "country")
        field.queryset = parts.filter(left_on__isnull=True)
        field.label_from_instance = lambda part: str(part.partner or part.country)


class ProlongForm(AmendForm):
    kind = AmendmentKind.PROLONGATION
    title = gettext_lazy("Prolong the project")
    warning = gettext_lazy("Readers see the new end, and when it was to end before.")
    names = ["ends_after", "agreed_on", "words"]
    needed = ["ends_after"]


class ShiftForm(AmendForm):
    kind = AmendmentKind.BUDGET_SHIFT
    title = gettext_lazy("Budget shift")
    names = ["amount_after_eur", "agreed_on", "words"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount_after_eur"].help_text = _("EUR. Empty: the amount stays as it is.")


class OtherForm(AmendForm):
    kind = AmendmentKind.OTHER
    title = gettext_lazy("Another amendment")
