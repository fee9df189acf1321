import json
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from partners.models.organisations import Partner
from partners.similarity import Reason
from psf.database import constraints
from psf.history.models import Action, Change, UndoBlocker


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


class MergerQuerySet(models.QuerySet["Merger"]):
    def in_force(self) -> Self:
        """Those that were not undone."""
        return self.filter(undone_at__isnull=True)


class Merger(models.Model):
    """One organisation's record merged into another's, with all that it takes to undo it.

    `slug` is the address that the merged record had: it leads to the winner's page. `before` is
    what was deleted, `moved` what was pointed at the winner; see `partners.matching.merge`.
    Without a winner that record was deleted since, and nothing can be undone.
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
    before = models.TextField(help_text=_("The deleted rows, as JSON."))
    moved = models.TextField(help_text=_("The keys of what moved, as JSON."))
    merged_at = models.DateTimeField(_("merged on"), auto_now_add=True)
    merged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    undone_at = models.DateTimeField(_("undone on"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )

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
                violation_error_message=_("This address leads to another organisation already."),
            ),
            constraints.at_most("merger", "name", 300),
            constraints.at_most("merger", "slug", 100),
        ]

    def __str__(self) -> str:
        if not self.winner:
            return str(_("“%(name)s” into a record that was deleted") % {"name": self.name})
        return str(_("“%(name)s” into “%(winner)s”") % {"name": self.name, "winner": self.winner})

    def merged_key(self) -> list[str]:
        """The key that the merged record had; [] where that is not known."""
        return [str(row["pk"]) for row in json.loads(self.before)[:1]]

    @staticmethod
    def undo_blocker(change: Change) -> UndoBlocker | None:
        """Where what the change did is undone; None for the history, as anything else is."""
        undone = "undone_at" in change.old() and change.old()["undone_at"] is None
        winners = Merger.objects.filter(pk=change.key, winner__isnull=False)
        winner = winners.values_list("winner_id", flat=True).first()
        if winner and change.action == Action.ADDED:
            return UndoBlocker(
                gettext("It merged two organisations: undo that merger instead."),
                reverse("admin:partners_partner_undo", args=[change.key]),
            )
        if winner and undone:
            return UndoBlocker(
                gettext("It undid a merger: merge the two organisations again instead."),
                reverse("admin:partners_partner_choose", args=[winner]),
            )
        return None
