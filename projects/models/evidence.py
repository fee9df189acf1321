"""Facts as they were on the day of a check or a decision. A stored row never changes."""

from hashlib import sha256

from django.db import models
from django.utils.translation import gettext_lazy as _

from projects.models.calls import Call
from projects.models.projects import Project
from psf.database import constraints
from psf.database.fields import related_name

from .choices import EvidenceKind


@constraints.of_fields
class Evidence(models.Model):
    """A frozen text in canonical JSON with its check sum. A trigger refuses every change."""

    kind = models.CharField(_("kind"), max_length=11, choices=EvidenceKind.choices)
    call = models.ForeignKey(
        Call, on_delete=models.CASCADE, related_name="evidence", verbose_name=_("call")
    )
    project = models.ForeignKey(
        Project,
        on_delete=models.PROTECT,  # deleting an application must not delete its evidence
        null=True,
        related_name="evidence",
        verbose_name=_("project"),
    )
    taken_at = models.DateTimeField(_("taken"), auto_now_add=True)
    taken_by = models.CharField(_("taken by"), max_length=150)
    content = models.TextField(_("content"), max_length=1_000_000)
    sha256 = models.CharField(_("check sum"), max_length=64)

    class Meta:
        ordering = ["-taken_at", "-pk"]
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        constraints = []

    def __str__(self) -> str:
        record = related_name(self, "project") or related_name(self, "call")
        return f"{self.get_kind_display()}: {record}"

    def is_intact(self) -> bool:
        """Whether the content still has its check sum."""
        return sha256(self.content.encode()).hexdigest() == self.sha256
