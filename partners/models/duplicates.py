from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from partners.models.organisations import Partner
from partners.similarity import Reason
from psf.database import constraints


class ResemblanceQuerySet(models.QuerySet["Resemblance"]):
    def waiting(self) -> Self:
        """Those of which nobody has said that they are two organisations."""
        return self.filter(decided_at__isnull=True)

    def of(self, partner: Partner) -> Self:
        return self.filter(Q(first=partner) | Q(second=partner))

    def for_list(self) -> Self:
        """All that a row shows, the likeliest first."""
        return self.select_related("first__country", "second__country").order_by(
            "-score_percent", "first__folded", "pk"
        )


class Resemblance(models.Model):
    """Two organisations that may be one, pointed out by their names or websites.

    Once somebody has said that they are two, that is remembered in `decided_at`, and they are
    not pointed out again. `first` is the older record of the two.
    """

    first = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="+")
    score_percent = models.PositiveSmallIntegerField(
        help_text=_("How alike they are, in per cent.")
    )
    reasons = models.CharField(
        max_length=100, blank=True, help_text=_("What speaks for it, commas between.")
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )

    objects = ResemblanceQuerySet.as_manager()

    class Meta:
        ordering = ["-score_percent", "pk"]
        verbose_name = _("resemblance")
        verbose_name_plural = _("resemblances")
        constraints = [
            models.UniqueConstraint(
                name="resemblance_once_per_pair",
                fields=["first", "second"],
                violation_error_message=_("These two are noted already."),
            ),
            models.CheckConstraint(
                name="resemblance_older_record_first",
                condition=Q(first__lt=F("second")),
                violation_error_message=_("The older record of the two comes first."),
            ),
            models.CheckConstraint(
                name="resemblance_score_percent_is_a_percentage",
                condition=Q(score_percent__lte=100),
                violation_error_message=_("A percentage lies between 0 and 100."),
            ),
            constraints.at_most("resemblance", "reasons", 100),
        ]

    def __str__(self) -> str:
        return f"{self.first} – {self.second}"

    def other_than(self, partner: Partner) -> Partner:
        """The other of the two."""
        return self.second if self.first_id == partner.pk else self.first

    def reasons_in_words(self) -> list[str]:
        return [str(Reason(reason).label) for reason in self.reasons.split(",")]
