from datetime import datetime
from typing import NamedTuple, Self

from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from projects.models.publication import Published, is_public, unpublished_has_reason
from psf.database import constraints
from psf.database.fields import account_field, fact_day_field, optional_day_field, related_name

from .choices import DecisionMode


class AnnouncedCounts(NamedTuple):
    """The announced numbers of applications; None if not published."""

    received: int | None
    eligible: int | None
    funded: int | None


class DecisionQuerySet(models.QuerySet["Decision"]):
    def public(self, at: datetime | None = None) -> Self:
        """The decisions that are public at a moment (`at`, or now)."""
        return self.filter(is_public(at))

    def unpublished(self, at: datetime | None = None) -> Self:
        """The decisions that were public before and are not public at a moment."""
        return self.filter(unpublished_at__isnull=False).exclude(is_public(at))


@constraints.of_fields
class Decision(Published):
    """The decision of a body on the applications of one call."""

    call = models.OneToOneField(
        "Call", on_delete=models.CASCADE, related_name="decision", verbose_name=_("call")
    )
    body = models.CharField(
        _("body"), max_length=200, blank=True, help_text=_("Such as Committee of Senior Officials.")
    )
    meeting = models.CharField(_("meeting"), max_length=200, blank=True)
    mode = models.CharField(
        _("mode"), max_length=10, choices=DecisionMode.choices, default=DecisionMode.UNKNOWN
    )
    decided_on = fact_day_field(_("decided"), help_text=_("Empty: not known."))
    announced_on = optional_day_field(_("announced"), help_text=_("Empty: not known."))
    reference = models.CharField(
        _("reference"), max_length=100, blank=True, help_text=_("Number of the document.")
    )
    prepared_by = account_field(_("prepared by"), editable=False)
    decided_by_two = models.BooleanField(
        _("drafted under “two people decide”"),
        null=True,
        editable=False,
        help_text=_("The rule of the call at the first draft. Empty: no draft yet."),
    )
    applied_by = account_field(_("applied by"), editable=False)
    applied_at = models.DateTimeField(_("applied"), null=True, blank=True, editable=False)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        ordering = [F("call__closes_at").desc(nulls_first=True), "call__slug"]
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        constraints = [
            constraints.in_order(
                "decision",
                "decided_on",
                "announced_on",
                _("The announcement must not be before the decision."),
            ),
            unpublished_has_reason("decision"),
        ]

    def __str__(self) -> str:
        return str(_("Decision on %(call)s") % {"call": related_name(self, "call")})
