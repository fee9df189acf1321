from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from partners.models.organisations import Partner
from partners.similarity.score import Reason
from psf.database import constraints
from psf.database.fields import account_field, related_name


class DuplicateCandidateQuerySet(models.QuerySet["DuplicateCandidate"]):
    def waiting(self) -> Self:
        """The undecided pairs."""
        return self.filter(decided_at__isnull=True)

    def of(self, partner: Partner) -> Self:
        return self.filter(Q(first=partner) | Q(second=partner))

    def for_list(self) -> Self:
        """Load what a row shows, the most similar pair first."""
        return self.select_related("first__country", "second__country").order_by(
            "-score_percent", "first__folded", "pk"
        )


@constraints.of_fields
class DuplicateCandidate(models.Model):
    """Two records of perhaps one organisation, because of names, website or registry number.

    `decided_at` is the time at which staff marked the pair as different. A decided pair is not
    reported again. `first` is the older record.
    """

    first = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="+")
    score_percent = models.PositiveSmallIntegerField(
        help_text=_("Similarity of the two, in per cent.")
    )
    reasons = models.CharField(
        max_length=100, blank=True, help_text=_("Codes of the reasons, separated by commas.")
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = account_field(blank=True)

    objects = DuplicateCandidateQuerySet.as_manager()

    class Meta:
        ordering = ["-score_percent", "pk"]
        verbose_name = _("possible duplicate")
        verbose_name_plural = _("possible duplicates")
        constraints = [
            models.UniqueConstraint(
                name="duplicatecandidate_once_per_pair",
                fields=["first", "second"],
                violation_error_message=_("This pair is recorded already."),
            ),
            models.CheckConstraint(
                name="duplicatecandidate_older_record_first",
                condition=Q(first__lt=F("second")),
                violation_error_message=_("The older record of the two comes first."),
            ),
            models.CheckConstraint(
                name="duplicatecandidate_score_percent_is_a_percentage",
                condition=Q(score_percent__lte=100),
                violation_error_message=_("A percentage lies between 0 and 100."),
            ),
        ]

    def __str__(self) -> str:
        return f"{related_name(self, 'first')} – {related_name(self, 'second')}"

    def other_than(self, partner: Partner) -> Partner:
        """The other organisation of the pair."""
        return self.second if self.first_id == partner.pk else self.first

    def reasons_in_words(self) -> str:
        return "; ".join(str(Reason(reason).label) for reason in self.reasons.split(","))
