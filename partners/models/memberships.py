from datetime import date
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from partners.models.choices import MembershipStatus
from psf.database import constraints
from psf.database.fields import optional_day_field, related_name
from psf.database.record_version import VersionField
from psf.text.dates import Precision, describe_period, precision_field

# An unknown start is the earliest.
BY_START: list[Any] = [F("valid_from").asc(nulls_first=True), "pk"]


class MembershipQuerySet(models.QuerySet["Membership"]):
    def on(self, day: date) -> Self:
        """The memberships on a day; an unknown start or end is no limit."""
        return self.filter(
            Q(valid_from__isnull=True) | Q(valid_from__lte=day),
            Q(valid_to__isnull=True) | Q(valid_to__gte=day),
        )


@constraints.of_fields
class Membership(models.Model):
    """The status of a country, or of the European Union, in the CBSS during a period.

    The period includes both days. Periods of one country do not overlap.
    """

    country = models.ForeignKey(
        "partners.Country",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="memberships",
        verbose_name=_("country"),
    )
    organisation = models.CharField(
        _("organisation"),
        max_length=100,
        blank=True,
        help_text=_("Only for a member that is not a country: the European Union."),
    )
    status = models.CharField(_("status"), max_length=10, choices=MembershipStatus.choices)
    valid_from = optional_day_field(_("from"), help_text=_("Empty if unknown."))
    from_precision = precision_field(_("precision of the start"))
    valid_to = optional_day_field(
        _("to"), help_text=_("The last day. Empty if the membership continues.")
    )
    source = models.CharField(
        _("source"), max_length=500, help_text=_("Where this information comes from.")
    )
    version = VersionField()

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = [F("country__name").asc(nulls_last=True), *BY_START]
        verbose_name = _("membership of the CBSS")
        verbose_name_plural = _("memberships of the CBSS")
        constraints = [
            models.CheckConstraint(
                name="membership_is_of_a_country_or_an_organisation",
                condition=Q(country__isnull=False, organisation="")
                | Q(country__isnull=True) & ~Q(organisation=""),
                violation_error_message=_("Enter a country or an organisation, not both."),
            ),
            constraints.in_order(
                "membership",
                "valid_from",
                "valid_to",
                _("A membership cannot end before it starts."),
            ),
            models.UniqueConstraint(
                name="membership_begins_once",
                fields=["country", "valid_from"],
                violation_error_message=_("The country already has a membership from that day."),
            ),
            models.UniqueConstraint(
                name="membership_begins_once_unknown",
                fields=["country"],
                condition=Q(valid_from__isnull=True),
                violation_error_message=_("The country already has a membership without a start."),
            ),
        ]

    def __str__(self) -> str:
        member = related_name(self, "country") or self.organisation
        return f"{member}: {self.get_status_display()}"

    def clean(self) -> None:
        """Refuse overlapping periods: SQLite has no constraint for periods."""
        overlapping = Membership.objects.filter(
            country=self.country, organisation=self.organisation
        )
        if self.valid_from:
            overlapping = overlapping.exclude(valid_to__lt=self.valid_from)
        if self.valid_to:
            overlapping = overlapping.exclude(valid_from__gt=self.valid_to)
        if overlapping.exclude(pk=self.pk).exists():
            raise ValidationError(
                _("The period overlaps another membership: end that membership first.")
            )

    def holds_on(self, day: date) -> bool:
        """The same rule as `MembershipQuerySet.on()`, for a loaded row."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )

    def period(self) -> str:
        """The period in words, such as "1992 to 2 March 2022"; "" if nothing is known."""
        return describe_period(self.valid_from, self.from_precision, self.valid_to, Precision.DAY)
