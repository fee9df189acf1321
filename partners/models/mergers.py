"""Organisations that may be the same, and mergers."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy as _

from partners.models.organisations import Partner
from partners.similar_names import Reason
from psf.database import constraints
from psf.database.fields import account_field, related_name
from psf.history.models import Action, Change, UndoBlocker


class DuplicateCandidateQuerySet(models.QuerySet["DuplicateCandidate"]):
    def waiting(self) -> Self:
        return self.filter(decided_at__isnull=True)

    def of(self, *partners: Partner) -> Self:
        return self.filter(Q(first__in=partners) | Q(second__in=partners))

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
        return self.second if self.first_id == partner.pk else self.first

    def reasons_in_words(self) -> str:
        return "; ".join(str(Reason(reason).label) for reason in self.reasons.split(","))


class MergerQuerySet(models.QuerySet["Merger"]):
    def in_force(self) -> Self:
        """The mergers, except undone mergers."""
        return self.filter(undone_at__isnull=True)


@constraints.of_fields
class Merger(models.Model):
    """The merger of one record, the loser, into another record, the winner.

    `slug` is the address of the loser and leads to the page of the winner. `loser_key` is the key
    of the deleted loser, None if the merger came with imported data. The history can undo a merger
    until the winner is deleted. `pairs` has what the history has not: decisions about duplicates.
    """

    winner = models.ForeignKey(
        Partner,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="mergers",
        verbose_name=_("merged into"),
    )
    name = models.CharField(_("merged"), max_length=300)
    slug = models.SlugField(_("old address"), max_length=100)
    loser_key = models.PositiveBigIntegerField(null=True, blank=True)
    pairs = models.TextField(
        default="[]", help_text=_("The decisions about possible duplicates of the loser, as JSON.")
    )
    merged_at = models.DateTimeField(_("merged on"), auto_now_add=True)
    merged_by = account_field(blank=True)
    undone_at = models.DateTimeField(_("undone on"), null=True, blank=True)
    undone_by = account_field(blank=True)

    objects = MergerQuerySet.as_manager()

    class Meta:
        ordering = ["-merged_at", "-pk"]
        verbose_name = _("merger")
        verbose_name_plural = _("mergers")
        constraints = [
            models.UniqueConstraint(
                name="merger_old_address_leads_to_one_page",
                fields=["slug"],
                condition=Q(undone_at__isnull=True),
                violation_error_message=_("This address already leads to another organisation."),
            )
        ]

    def __str__(self) -> str:
        names = {"name": self.name, "winner": related_name(self, "winner")}
        if not names["winner"]:
            return str(_("%(name)s into a record that was deleted") % names)
        return str(_("%(name)s into %(winner)s") % names)

    @staticmethod
    def undo_blocker(change: Change) -> UndoBlocker | None:
        """Where staff can undo the change, if the history cannot."""
        is_undo = "undone_at" in change.old() and change.old()["undone_at"] is None
        made_here = Merger.objects.filter(pk=change.key, loser_key__isnull=False)
        winners = made_here.filter(winner__isnull=False)
        winner = winners.values_list("winner_id", flat=True).first()
        if winner and change.action == Action.ADDED:
            return UndoBlocker(
                gettext("This change merged two organisations. Undo the merger instead."),
                reverse("admin:partners_partner_undo", args=[change.key]),
            )
        if winner and is_undo:
            return UndoBlocker(
                gettext("This change undid a merger. Merge the two organisations again instead."),
                reverse("admin:partners_partner_choose", args=[winner]),
            )
        return None
