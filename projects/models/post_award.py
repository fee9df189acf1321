"""The records after an award: agreement, reports, payments, amendments."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext, gettext_lazy as _

from projects.models.choices import FUNDED_STATUSES, AmendmentKind, ProjectStatus, ReportKind
from projects.models.partnerships import Partnership
from projects.models.projects import Project
from psf.database import constraints
from psf.database.fields import (
    amount_field,
    fact_day_field,
    optional_amount_field,
    optional_day_field,
    refuse_future,
    refuse_zero,
)
from psf.text.dates import Precision, describe, precision_field

OVER = [ProjectStatus.COMPLETED, ProjectStatus.TERMINATED]
# The projects that are over, with an agreement whose account is open.
WITH_OPEN_ACCOUNT = Q(status__in=OVER, agreement__isnull=False, agreement__closed_on=None)


@constraints.of_fields
class Agreement(models.Model):
    """The grant agreement of a project, in force once both sides have signed.

    `amount_eur` is the current amount. The amendments have earlier amounts.
    """

    project = models.OneToOneField(
        Project, on_delete=models.CASCADE, related_name="agreement", verbose_name=_("project")
    )
    number = models.CharField(_("number"), max_length=50)
    amount_eur = amount_field(_("amount"), validators=[refuse_zero])
    lead_signed_on = fact_day_field(_("signed by the lead partner"))
    we_signed_on = fact_day_field(_("signed by us"))
    closed_on = fact_day_field(_("account closed"), help_text=_("No payments from this day on."))
    promised_eur = optional_amount_field(
        _("amount before the closing"),
        editable=False,
        help_text=_("EUR. The award or the ceiling that the final amount replaced."),
    )

    class Meta:
        ordering = ["number"]
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")
        constraints = [
            models.UniqueConstraint(
                name="agreement_number_is_its_own",
                fields=["number"],
                violation_error_message=_("Another agreement has this number."),
            ),
            models.CheckConstraint(
                name="agreement_closed_after_it_was_signed",
                condition=Q(closed_on__isnull=True)
                | Q(
                    lead_signed_on__isnull=False,
                    we_signed_on__isnull=False,
                    closed_on__gte=F("lead_signed_on"),
                )
                & Q(closed_on__gte=F("we_signed_on")),
                violation_error_message=_(
                    "An account can be closed only after both sides have signed."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def signed_on(self) -> date | None:
        """The day of the last signature; None while one is missing."""
        days = [self.lead_signed_on, self.we_signed_on]
        return max(filter(None, days)) if all(days) else None


class ReportQuerySet(models.QuerySet["Report"]):
    def of_awards(self) -> Self:
        """The reports of funded projects, without those that a project leaves missing.

        A project that is over owes no interim report any more. Its final report settles the
        account, so nothing is owed once the account is closed.
        """
        needless = Q(kind=ReportKind.INTERIM, received_on=None)
        needless |= Q(project__agreement__closed_on__isnull=False)
        reports = self.filter(project__status__in=FUNDED_STATUSES)
        return reports.exclude(needless, approved_on=None, project__status__in=OVER)


@constraints.of_fields
class Report(models.Model):
    """A report of the lead partner: due, received, approved."""

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="reports", verbose_name=_("project")
    )
    kind = models.CharField(_("kind"), max_length=7, choices=ReportKind.choices)
    due_on = optional_day_field(_("due"), help_text=_("Empty: no due date."))
    received_on = fact_day_field(_("received"))
    approved_on = fact_day_field(_("approved"))

    objects = ReportQuerySet.as_manager()

    class Meta:
        ordering = ["project", F("due_on").asc(nulls_last=True), "pk"]
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        constraints = [
            models.UniqueConstraint(
                name="report_one_final_per_project",
                fields=["project"],
                condition=Q(kind=ReportKind.FINAL),
                violation_error_message=_("The project already has a final report."),
            ),
            models.CheckConstraint(
                name="report_approved_after_it_was_received",
                condition=Q(approved_on__isnull=True)
                | Q(received_on__isnull=False, approved_on__gte=F("received_on")),
                violation_error_message=_("A report can be approved only after it was received."),
            ),
        ]

    def __str__(self) -> str:
        """A project can have several interim reports, so the name has the due day."""
        if self.due_on is None:
            return str(self.get_kind_display())
        names = {"report": self.get_kind_display(), "day": describe(self.due_on, Precision.DAY)}
        return gettext("%(report)s due %(day)s") % names


@constraints.of_fields
class Instalment(models.Model):
    """A planned payment of a part of the grant; with day and amount once paid."""

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="instalments", verbose_name=_("project")
    )
    position = models.PositiveSmallIntegerField(_("position"), help_text=_("1 is the first."))
    condition = models.CharField(
        _("condition"), max_length=500, help_text=_("Such as: on the interim report.")
    )
    report_kind = models.CharField(
        _("required report"),
        max_length=7,
        choices=ReportKind.choices,
        blank=True,
        help_text=_("A report of this kind must be approved before the payment."),
    )
    condition_met_on = fact_day_field(_("condition met"))
    condition_waived = models.CharField(
        _("reason for paying without the condition"), max_length=500, blank=True
    )
    amount_eur = amount_field(_("amount"), validators=[refuse_zero])
    due_on = optional_day_field(_("due"), help_text=_("Empty: no due date."))
    paid_on = fact_day_field(_("paid"))
    paid_eur = optional_amount_field(_("amount paid"), help_text="", validators=[refuse_zero])
    paid_more_reason = models.CharField(
        _("reason for paying more than planned"), max_length=500, blank=True
    )

    class Meta:
        ordering = ["project", "position"]
        verbose_name = _("instalment")
        verbose_name_plural = _("instalments")
        constraints = [
            models.UniqueConstraint(
                name="instalment_one_at_each_position",
                fields=["project", "position"],
                violation_error_message=_(
                    "The project already has an instalment at this position."
                ),
            ),
            models.CheckConstraint(
                name="instalment_paid_is_a_day_and_an_amount",
                condition=Q(paid_on__isnull=True, paid_eur__isnull=True)
                | Q(paid_on__isnull=False, paid_eur__isnull=False),
                violation_error_message=_("A payment needs a day and an amount."),
            ),
            models.CheckConstraint(
                name="instalment_paid_once_its_condition_is_met_or_waived",
                condition=Q(paid_on__isnull=True)
                | Q(condition_met_on__isnull=False)
                | ~Q(condition_waived=""),
                violation_error_message=_(
                    "Enter the day on which the condition was met, or a reason to pay without it."
                ),
            ),
            models.CheckConstraint(
                name="instalment_paid_more_than_planned_has_a_reason",
                condition=Q(paid_eur__isnull=True)
                | Q(paid_eur__lte=F("amount_eur"))
                | ~Q(paid_more_reason=""),
                violation_error_message=_(
                    "The payment is more than the instalment. Enter a reason, or correct the "
                    "amount paid."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.condition}"


@constraints.of_fields
class Repayment(models.Model):
    """A repayment from a project."""

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="repayments", verbose_name=_("project")
    )
    day = models.DateField(_("day"), validators=[refuse_future])
    amount_eur = amount_field(_("amount"), validators=[refuse_zero])
    why = models.CharField(_("reason"), max_length=500)

    class Meta:
        ordering = ["project", "day", "pk"]
        verbose_name = _("repayment")
        verbose_name_plural = _("repayments")
        constraints = []

    def __str__(self) -> str:
        return self.why


WITH_A_PARTNER = [AmendmentKind.PARTNER_JOINED, AmendmentKind.PARTNER_LEFT]
# Prolongations whose former end is over: the end may have been corrected or restored since.
IN_EFFECT = Q(kind=AmendmentKind.PROLONGATION) & (
    Q(ends_before__isnull=True) | Q(ends_before__lt=F("project__ends_on"))
)


def is_extended() -> Exists:
    """Whether a project was prolonged, for queries of projects."""
    return Exists(Amendment.objects.filter(IN_EFFECT, project=OuterRef("pk")))


@constraints.of_fields
class Amendment(models.Model):
    """An agreed change of a funded project, with the former end and the former amount."""

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="amendments", verbose_name=_("project")
    )
    kind = models.CharField(_("kind"), max_length=9, choices=AmendmentKind.choices)
    agreed_on = models.DateField(_("agreed"), validators=[refuse_future])
    words = models.TextField(
        _("description"), max_length=2000, help_text=_("The change and its reason. Never public.")
    )

    partnership = models.ForeignKey(
        Partnership,
        on_delete=models.RESTRICT,
        null=True,
        blank=True,
        related_name="amendments",
        verbose_name=_("partner"),
    )
    day = optional_day_field(_("day"), help_text=_("First day or last day of the partner."))
    ends_before = optional_day_field(_("former end"))
    ends_before_precision = precision_field(_("precision of the former end"))
    ends_after = optional_day_field(_("new end"))
    amount_before_eur = optional_amount_field(_("former amount"), help_text="")
    amount_after_eur = optional_amount_field(_("new amount"))

    class Meta:
        ordering = ["project", "agreed_on", "pk"]
        verbose_name = _("amendment")
        verbose_name_plural = _("amendments")
        constraints = [
            models.CheckConstraint(
                name="amendment_names_a_partner_who_joins_or_leaves",
                condition=Q(kind__in=WITH_A_PARTNER, partnership__isnull=False, day__isnull=False)
                | ~Q(kind__in=WITH_A_PARTNER) & Q(partnership__isnull=True, day__isnull=True),
                violation_error_message=_(
                    "Give partner and day only if a partner joins or leaves, and then give both."
                ),
            ),
            models.CheckConstraint(
                name="amendment_prolongation_has_a_new_end",
                condition=Q(kind=AmendmentKind.PROLONGATION, ends_after__isnull=False)
                | ~Q(kind=AmendmentKind.PROLONGATION)
                & Q(ends_before__isnull=True, ends_after__isnull=True),
                violation_error_message=_(
                    "A prolongation needs a new end. Other amendments have none."
                ),
            ),
            models.CheckConstraint(
                name="amendment_ends_after_is_later",
                condition=Q(ends_before__isnull=True)
                | Q(ends_after__isnull=True)
                | Q(ends_after__gt=F("ends_before")),
                violation_error_message=_("The new end must be later than the former end."),
            ),
            models.CheckConstraint(
                name="amendment_amounts_are_of_a_budget_shift",
                condition=Q(amount_before_eur__isnull=True, amount_after_eur__isnull=True)
                | Q(
                    kind=AmendmentKind.BUDGET_SHIFT,
                    amount_before_eur__isnull=False,
                    amount_after_eur__isnull=False,
                ),
                violation_error_message=_(
                    "Only a budget shift changes the amount. Give the former and the new amount."
                ),
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())

    def is_in_effect(self) -> bool:
        """The rule of `IN_EFFECT` for a loaded amendment."""
        end = self.project.ends_on
        is_over = self.ends_before is None or (end is not None and self.ends_before < end)
        return self.kind == AmendmentKind.PROLONGATION and is_over

    def end_before(self) -> str:
        """The end before the prolongation in words; "" if it was not known."""
        return describe(self.ends_before, self.ends_before_precision) if self.ends_before else ""
