from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from projects.models.choices import LineKind
from projects.models.projects import Project
from psf.database import constraints


@constraints.of_fields
class Announcement(models.Model):
    """An announcement that was read into records, stored as evidence.

    The lines have the text without personal data.
    """

    title = models.CharField(_("title"), max_length=300, blank=True)
    fingerprint = models.CharField(
        _("fingerprint"),
        max_length=64,
        help_text=_("SHA-256 of the lines, to recognise the same text."),
    )
    saved_at = models.DateTimeField(_("saved"), auto_now_add=True)

    class Meta:
        ordering = ["-saved_at", "pk"]
        verbose_name = _("announcement")
        verbose_name_plural = _("announcements")
        constraints = []

    def __str__(self) -> str:
        return self.title


@constraints.of_fields
class AnnouncementLine(models.Model):
    """One line of an announcement with the project made from the line.

    The lines of a deleted project stay without a project.
    """

    announcement = models.ForeignKey(
        Announcement, on_delete=models.CASCADE, related_name="lines", verbose_name=_("announcement")
    )
    number = models.PositiveIntegerField(_("line"), help_text=_("Counted from 1."))
    text = models.TextField(_("text"), max_length=21000, blank=True)
    kind = models.CharField(_("read as"), max_length=14, choices=LineKind.choices)
    project = models.ForeignKey(
        Project,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="announcement_lines",
        verbose_name=_("project"),
    )

    class Meta:
        ordering = ["announcement", "number"]
        verbose_name = _("line of an announcement")
        verbose_name_plural = _("lines of announcements")
        constraints = [
            models.UniqueConstraint(
                name="announcementline_once_per_number",
                fields=["announcement", "number"],
                violation_error_message=_("The announcement already has this line."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.text[:80]}"


@constraints.of_fields
class AnnouncementFlag(models.Model):
    """A doubtful point in an announcement about a project, until settled."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="flags")
    sentence = models.CharField(_("doubtful point"), max_length=500)
    line = models.PositiveIntegerField(_("line"), null=True, blank=True)
    is_settled = models.BooleanField(
        _("settled"),
        default=False,
        help_text=_("The problem was fixed, or the record is correct as it is."),
    )

    class Meta:
        ordering = [F("line").asc(nulls_first=True), "pk"]
        verbose_name = _("flag of an announcement")
        verbose_name_plural = _("doubtful points in the announcement")
        indexes = [
            models.Index(fields=["id"], condition=Q(is_settled=False), name="flag_to_settle")
        ]
        constraints = []

    def __str__(self) -> str:
        return self.sentence
