"""The agreement with the lead partner of a funded project. Never public."""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from projects.models.projects import Project
from psf.database import constraints
from psf.database.fields import (
    amount_field,
    fact_day_field,
    optional_amount_field,
    refuse_zero,
)


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
