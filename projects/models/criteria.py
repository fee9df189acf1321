from django.db import models
from django.db.models import Q
from django.utils.translation import gettext, gettext_lazy as _

from psf.database import constraints
from psf.history.models import Change, UndoBlocker

from .calls import Call

# The weight of a criterion, and the points of its scale.
BOUNDS = (1, 100)


@constraints.of_fields
class Criterion(models.Model):
    """A criterion for the assessment of all applications of a call.

    All criteria of a call are locked once an assessor has given points.
    """

    call = models.ForeignKey(
        Call, on_delete=models.CASCADE, related_name="criteria", verbose_name=_("call")
    )
    name = models.CharField(_("name"), max_length=200, help_text=_("Such as Relevance."))
    description = models.CharField(
        _("explanation"), max_length=500, blank=True, help_text=_("For the assessors.")
    )
    weight = models.SmallIntegerField(
        _("weight"), default=1, help_text=_("Weight among all criteria: 1 to 100.")
    )
    maximum = models.SmallIntegerField(
        _("maximum points"), default=5, help_text=_("End of the scale that starts at 0: 1 to 100.")
    )
    position = models.PositiveSmallIntegerField(
        _("position"), default=1, help_text=_("Order on the form.")
    )

    class Meta:
        ordering = ["call", "position", "pk"]
        verbose_name = _("criterion")
        verbose_name_plural = _("criteria of assessment")
        constraints = [
            models.UniqueConstraint(
                name="criterion_once_per_call",
                fields=["call", "name"],
                violation_error_message=_("The call already has a criterion with this name."),
            ),
            models.CheckConstraint(
                name="criterion_weight_is_from_1_to_100",
                condition=Q(weight__range=BOUNDS),
                violation_error_message=_("A weight must be between 1 and 100."),
            ),
            models.CheckConstraint(
                name="criterion_maximum_is_from_1_to_100",
                condition=Q(maximum__range=BOUNDS),
                violation_error_message=_("The maximum must be between 1 and 100 points."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def undo_blocker(change: Change) -> UndoBlocker | None:
        """The reason why the history cannot restore a criterion; None without a reason."""
        return UndoBlocker(criteria_locked()) if has_scores(int(change.record_key)) else None


def has_scores(call: int) -> bool:
    """Whether assessors have given points for the criteria of the call with this key."""
    return Criterion.objects.filter(call=call, scores__isnull=False).exists()


def criteria_locked() -> str:
    return gettext("Assessors have given points, so the criteria are locked.")
