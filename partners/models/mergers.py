import json
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from partners.models.organisations import Partner
from psf.database import constraints
from psf.history.models import Action, Change, UndoBlocker


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
