from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from psf.database import constraints

from .calls import Call
from .choices import SourceAbout
from .projects import Project


@constraints.of_fields
class Source(models.Model):
    """The publication that supports a fact on the page of a call or project."""

    call = models.ForeignKey(
        Call, on_delete=models.CASCADE, null=True, blank=True, related_name="sources"
    )
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, null=True, blank=True, related_name="sources"
    )
    about = models.CharField(_("fact"), max_length=12, choices=SourceAbout.choices)
    citation = models.CharField(_("source"), max_length=500, help_text=_("Publisher and title."))
    url = models.URLField(_("address"), max_length=500, blank=True)
    note = models.CharField(
        _("note"), max_length=500, blank=True, help_text=_("Differences from the record, if any.")
    )

    class Meta:
        ordering = ["about", "pk"]
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        constraints = [
            models.CheckConstraint(
                name="source_is_of_a_call_or_a_project",
                condition=Q(call__isnull=False, project__isnull=True)
                | Q(call__isnull=True, project__isnull=False),
                violation_error_message=_("A source belongs to a call or to a project."),
            )
        ]

    def __str__(self) -> str:
        return self.citation
