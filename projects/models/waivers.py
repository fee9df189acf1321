from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from projects.models.choices import RuleKey
from projects.models.projects import Project
from psf.database import constraints
from psf.database.fields import account_field


@constraints.of_fields
class Waiver(models.Model):
    """A rule of the call that is not applied to one application, with the reason."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="waivers")
    rule = models.CharField(_("rule"), max_length=10, choices=RuleKey.choices)
    reason = models.CharField(_("reason"), max_length=500)
    given_by = account_field(blank=True)
    given_at = models.DateTimeField(_("given"), auto_now_add=True)

    class Meta:
        ordering = ["rule"]
        verbose_name = _("waiver")
        verbose_name_plural = _("waivers")
        constraints = [
            models.UniqueConstraint(
                name="waiver_is_one_for_a_rule",
                fields=["project", "rule"],
                violation_error_message=_("This rule already has a waiver."),
            ),
            models.CheckConstraint(
                name="waiver_has_a_reason",
                condition=~Q(reason=""),
                violation_error_message=_("Give a reason."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_rule_display()}: {self.reason}"
