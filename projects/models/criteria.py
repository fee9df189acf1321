from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from psf.database import constraints
from psf.history.models import Change, UndoBlocker

from .calls import Call

# The weight of a criterion, and the points of its scale.
BOUNDS = (1, 100)


class Criterion(models.Model):
    """By what the applications of a call are assessed, all of them alike.

    Once an assessor has given points by any criterion of the call, all of them stay as they are.
    """

    call = models.ForeignKey(
        Call, on_delete=models.CASCADE, related_name="criteria", verbose_name=_("call")
    )
    name = models.CharField(_("name"), max_length=200, help_text=_("Such as Relevance."))
    description = models.CharField(
        _("what to look at"), max_length=500, blank=True, help_text=_("For the assessors.")
    )
    weight = models.SmallIntegerField(
        _("weight"), default=1, help_text=_("How much it counts beside the others: 1 to 100.")
    )
    maximum = models.SmallIntegerField(
        _("most points"), default=5, help_text=_("The scale goes from 0 to this: 1 to 100.")
    )
    position = models.PositiveSmallIntegerField(
        _("position"), default=1, help_text=_("Its place on the sheet.")
    )

    class Meta:
        ordering = ["call", "position", "pk"]
        verbose_name = _("criterion")
        verbose_name_plural = _("criteria of assessment")
        constraints = [
            models.UniqueConstraint(
                name="criterion_once_per_call",
                fields=["call", "name"],
                violation_error_message=_("The call already has a criterion of that name."),
            ),
            models.CheckConstraint(
                name="criterion_weight_is_from_1_to_100",
                condition=Q(weight__range=BOUNDS),
                violation_error_message=_("A weight lies between 1 and 100."),
            ),
            models.CheckConstraint(
                name="criterion_maximum_is_from_1_to_100",
                condition=Q(maximum__range=BOUNDS),
                violation_error_message=_("A scale ends between 1 and 100 points."),
            ),
            constraints.count("criterion", "position"),
            constraints.at_most("criterion", "name", 200),
            constraints.at_most("criterion", "description", 500),
        ]

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def undo_blocker(change: Change) -> UndoBlocker | None:
        """Why the history leaves such a row as it is; None if it does not."""
        scored = Criterion.objects.filter(call=int(change.record_key), scores__isnull=False)
        return UndoBlocker(criteria_locked()) if scored.exists() else None


def criteria_locked() -> str:
    return gettext("Assessors have given points by the criteria, so these stay as they are.")
