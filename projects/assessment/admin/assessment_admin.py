"""The list of assessments."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils.translation import gettext as _, gettext_lazy

from projects.assessment.admin.assessor_pages import (
    PAGES_OF_ASSESSMENT,
    CallFilter,
    StateFilter,
    due_in_words,
)
from projects.assessment.anonymised import AssessedApplication, with_partners
from projects.models import Assessment
from projects.permissions import ASSESS, LEAD_ASSESSMENT
from psf.history import recording
from psf.staff.record_admin import ReadOnly, RecordAdmin


@admin.register(Assessment)
class AssessmentAdmin(ReadOnly, RecordAdmin):
    """Pages of our own in the place of Django's forms."""

    has_history = False
    pages = PAGES_OF_ASSESSMENT

    list_display = ["application", "call", "assessor_name", "due", "state", "progress"]
    list_display_links = ["application"]
    list_filter = [StateFilter, CallFilter]
    search_fields = ["project__reference"]
    search_help_text = gettext_lazy("The reference of the application.")
    ordering = ["project__reference", "pk"]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.changelist_view)
        return [path("", view, name=self.page_name("changelist")), *self.page_urls()]

    def has_view_permission(self, request: HttpRequest, obj: Assessment | None = None) -> bool:
        return request.user.has_perm(ASSESS) or request.user.has_perm(LEAD_ASSESSMENT)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Assessment]:
        points = Count("scores", filter=Q(scores__points__isnull=False), distinct=True)
        return (
            Assessment.objects.listed_for(request.user)
            .select_related("project__call", "assessor")
            .prefetch_related(with_partners("project__"))
            .annotate(scored=points, criteria=Count("project__call__criteria", distinct=True))
            .order_by("project__reference", "pk")  # counting drops the order of the model
        )

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        leads = request.user.has_perm(LEAD_ASSESSMENT)
        return [name for name in self.list_display if leads or name != "assessor_name"]

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        """No fields for an assessor: a search could reveal titles that name the applicant."""
        return self.search_fields if request.user.has_perm(LEAD_ASSESSMENT) else []

    @admin.display(description=gettext_lazy("application"), ordering="project__reference")
    def application(self, row: Assessment) -> str:
        return f"{row.project.reference} · {AssessedApplication(row.project).title()}"

    @admin.display(description=gettext_lazy("call"))
    def call(self, row: Assessment) -> str:
        return str(row.project.call)

    @admin.display(description=gettext_lazy("assessor"), ordering="assessor__username")
    def assessor_name(self, row: Assessment) -> str:
        return recording.account_name(row.assessor)

    @admin.display(description=gettext_lazy("due"), ordering="project__call__assessments_due_on")
    def due(self, row: Assessment) -> str:
        return due_in_words(row.project.call.assessments_due_on)

    @admin.display(description=gettext_lazy("state"))
    def state(self, row: Assessment) -> str:
        return row.state()

    @admin.display(description=gettext_lazy("points given"))
    def progress(self, row: Any) -> str:
        return _("%(scored)d of %(criteria)d") % {"scored": row.scored, "criteria": row.criteria}
