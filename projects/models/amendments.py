from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from psf.database import constraints
from psf.database.fields import optional_amount_field, optional_day_field, refuse_future
from psf.text.dates import describe, precision_field

from .choices import AmendmentKind
from .partnerships import Partnership
from .projects import Project

WITH_A_PARTNER = [AmendmentKind.PARTNER_JOINED, AmendmentKind.PARTNER_LEFT]
# Prolongations whose former end is over: the end may have been corrected or restored since.
IN_EFFECT = Q(kind=AmendmentKind.PROLONGATION) & (
    Q(ends_before__isnull=True) | Q(ends_before__lt=F("project__ends_on"))
)


def is_extended() -> Exists:
    """Whether a project was prolonged, for queries of projects."""
    return Exists(Amendment.objects.filter(IN_EFFECT, project=OuterRef("pk")))


@constraints.of_fields
class Amendment(models.Model):
    """An agreed change of a funded project, with the former end and the former amount."""

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="amendments", verbose_name=_("project")
    )
    kind = models.CharField(_("kind"), max_length=9, choices=AmendmentKind.choices)
    agreed_on = models.DateField(_("agreed"), validators=[refuse_future])
    words = models.TextField(
        _("description"), max_length=2000, help_text=_("The change and its reason. Never public.")
    )

    partnership = models.ForeignKey(
        Partnership,
        on_delete=models.RESTRICT,
        null=True,
        blank=True,
        related_name="amendments",
        verbose_name=_("partner"),
    )
    day = optional_day_field(_("day"), help_text=_("First day or last day of the partner."))
    ends_before = optional_day_field(_("former end"))
    ends_before_precision = precision_field(_("precision of the former end"))
    ends_after = optional_day_field(_("new end"))
    amount_before_eur = optional_amount_field(_("former amount"), help_text="")
    amount_after_eur = optional_amount_field(_("new amount"))

    class Meta:
        ordering = ["project", "agreed_on", "pk"]
        verbose_name = _("amendment")
        verbose_name_plural = _("amendments")
        constraints = [
            models.CheckConstraint(
                name="amendment_names_a_partner_who_joins_or_leaves",
                condition=Q(kind__in=WITH_A_PARTNER, partnership__isnull=False, day__isnull=False)
                | ~Q(kind__in=WITH_A_PARTNER) & Q(partnership__isnull=True, day__isnull=True),
                violation_error_message=_(
                    "Give partner and day only if a partner joins or leaves, and then give both."
                ),
            ),
            models.CheckConstraint(
                name="amendment_prolongation_has_a_new_end",
                condition=Q(kind=AmendmentKind.PROLONGATION, ends_after__isnull=False)
                | ~Q(kind=AmendmentKind.PROLONGATION)
                & Q(ends_before__isnull=True, ends_after__isnull=True),
                violation_error_message=_(
                    "A prolongation needs a new end. Other amendments have none."
                ),
            ),
            models.CheckConstraint(
                name="amendment_ends_after_is_later",
                condition=Q(ends_before__isnull=True)
                | Q(ends_after__isnull=True)
                | Q(ends_after__gt=F("ends_before")),
                violation_error_message=_("The new end must be later than the former end."),
            ),
            models.CheckConstraint(
                name="amendment_amounts_are_of_a_budget_shift",
                condition=Q(amount_before_eur__isnull=True, amount_after_eur__isnull=True)
                | Q(
                    kind=AmendmentKind.BUDGET_SHIFT,
                    amount_before_eur__isnull=False,
                    amount_after_eur__isnull=False,
                ),
                violation_error_message=_(
                    "Only a budget shift changes the amount. Give the former and the new amount."
                ),
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())

    def is_in_effect(self) -> bool:
        """The rule of `IN_EFFECT` for a loaded amendment."""
        end = self.project.ends_on
        is_over = self.ends_before is None or (end is not None and self.ends_before < end)
        return self.kind == AmendmentKind.PROLONGATION and is_over

    def end_before(self) -> str:
        """The end before the prolongation in words; "" if it was not known."""
        return describe(self.ends_before, self.ends_before_precision) if self.ends_before else ""
