"""The planned and paid instalments of a grant, and repayments. Never public."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from projects.models.choices import ReportKind
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
