"""Late or missing assessments."""

from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy

from projects.checks.check import RowsCheck, WorkListGroup
from projects.models import Assessment, Criterion, Declaration, Project, ProjectStatus
from projects.permissions import LEAD_ASSESSMENT
from psf.text.dates import Precision, describe


class Overdue(RowsCheck[Assessment]):
    key = "assessments-overdue"
    label = gettext_lazy("Overdue assessments")
    group = WorkListGroup.APPLICATIONS
    permission = LEAD_ASSESSMENT

    def rows(self) -> QuerySet[Assessment]:
        late = Assessment.objects.to_do().filter(
            project__call__assessments_due_on__lt=timezone.localdate()
        )
        return late.select_related("project__call", "assessor").order_by(
            "project__call__assessments_due_on", "project__reference", "pk"
        )

    def sentence(self, row: Any) -> str:
        return _("%(project)s: the assessment by %(assessor)s was due on %(day)s.") % {
            "project": row.project.reference,
            "assessor": row.assessor.get_full_name() or row.assessor.username,
            "day": describe(row.project.call.assessments_due_on, Precision.DAY),
        }

    def url(self, row: Assessment) -> str:
        return reverse("admin:projects_call_assessment", args=[row.project.call_id])


class TooFewAssessors(RowsCheck[Any]):
    """Checks only calls with criteria, because others are not assessed here."""

    key = "too-few-assessors"
    label = gettext_lazy("Applications without enough assessors")
    group = WorkListGroup.APPLICATIONS
    permission = LEAD_ASSESSMENT

    def rows(self) -> QuerySet[Any]:
        assessed = Criterion.objects.values("call")
        counting = ~Q(assessments__declaration=Declaration.CONFLICT)
        assigned = Count("assessments", filter=counting)
        few = Project.objects.filter(
            call__in=assessed, status=ProjectStatus.ELIGIBLE, consensus__isnull=True
        )
        few = few.annotate(assigned=assigned).filter(assigned__lt=F("call__assessors_needed"))
        return few.select_related("call").order_by("reference")

    def sentence(self, row: Any) -> str:
        return _("%(project)s has %(assigned)d of %(needed)d assessors.") % {
            "project": row.reference,
            "assigned": row.assigned,
            "needed": row.call.assessors_needed,
        }

    def url(self, row: Project) -> str:
        return reverse("admin:projects_call_assessment", args=[row.call_id])
