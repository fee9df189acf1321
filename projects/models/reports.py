"""The reports of the lead partner of a funded project. Never public."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext, gettext_lazy as _

from projects.models.choices import ReportKind
from projects.models.projects import Project
from psf.database import constraints
from psf.database.fields import fact_day_field, optional_day_field
from psf.text.dates import Precision, describe


@constraints.of_fields
class Report(models.Model):
    """A report of the lead partner: due, received, approved."""

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="reports", verbose_name=_("project")
    )
    kind = models.CharField(_("kind"), max_length=7, choices=ReportKind.choices)
    due_on = optional_day_field(_("due"), help_text=_("Empty: no due date."))
    received_on = fact_day_field(_("received"))
    approved_on = fact_day_field(_("approved"))

    class Meta:
        ordering = ["project", F("due_on").asc(nulls_last=True), "pk"]
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        constraints = [
            models.UniqueConstraint(
                name="report_one_final_per_project",
                fields=["project"],
                condition=Q(kind=ReportKind.FINAL),
                violation_error_message=_("The project already has a final report."),
            ),
            models.CheckConstraint(
                name="report_approved_after_it_was_received",
                condition=Q(approved_on__isnull=True)
                | Q(received_on__isnull=False, approved_on__gte=F("received_on")),
                violation_error_message=_("A report can be approved only after it was received."),
            ),
        ]

    def __str__(self) -> str:
        """A project can have several interim reports, so the name has the due day."""
        if self.due_on is None:
            return str(self.get_kind_display())
        names = {"report": self.get_kind_display(), "day": describe(self.due_on, Precision.DAY)}
        return gettext("%(report)s due %(day)s") % names
