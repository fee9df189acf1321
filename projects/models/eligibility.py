"""Waivers of rules, and the reasons why applications are not eligible."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from projects.models.calls import Call
from projects.models.choices import RuleKey
from projects.models.projects import Project
from psf.database import constraints
from psf.database.fields import account_field, related_name


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


@constraints.of_fields
class IneligibilityReason(models.Model):
    """A reason, worded for one call, why an application is not eligible."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="ineligibility_reasons")
    text = models.CharField(
        _("reason"),
        max_length=300,
        help_text=_("A sentence for a letter, such as: The lead partner is missing."),
    )
    advice = models.CharField(
        _("advice"),
        max_length=500,
        blank=True,
        help_text=_("Advice for the next application. Part of the letter."),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("reason for “not eligible”")
        verbose_name_plural = _("reasons for “not eligible”")
        constraints = [
            models.UniqueConstraint(
                name="ineligibilityreason_once_per_call",
                fields=["call", "text"],
                violation_error_message=_("This reason is already in the list."),
            ),
        ]

    def __str__(self) -> str:
        return self.text


@constraints.of_fields
class IneligibilityFinding(models.Model):
    """A reason why one application is not eligible."""

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="ineligibility_findings"
    )
    reason = models.ForeignKey(
        IneligibilityReason,
        on_delete=models.PROTECT,
        related_name="findings",
        verbose_name=_("reason"),
    )

    class Meta:
        ordering = ["reason__position", "reason"]
        verbose_name = _("reason given")
        verbose_name_plural = _("not eligible because")
        constraints = [
            models.UniqueConstraint(
                name="ineligibilityfinding_once_per_project",
                fields=["project", "reason"],
                violation_error_message=_("This reason is already given."),
            )
        ]

    def __str__(self) -> str:
        return related_name(self, "reason")
