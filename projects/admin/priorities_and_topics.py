from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from projects.models import Priority, Topic
from psf.staff.history.history_admin import HistoryAdmin


class TermAdmin(HistoryAdmin):
    """A priority or topic of calls and projects. Used terms cannot be deleted."""

    list_display = ["name", "number_of_calls", "number_of_projects"]
    search_fields = ["name"]
    ordering = ["name"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return (
            super()
            .get_queryset(request)
            .annotate(
                call_count=Count("calls", distinct=True),
                project_count=Count("projects", distinct=True),
            )
        )

    @admin.display(description=_("calls"), ordering="call_count")
    def number_of_calls(self, term: Any) -> int:
        return term.call_count

    @admin.display(description=_("projects"), ordering="project_count")
    def number_of_projects(self, term: Any) -> int:
        return term.project_count

    def slug_texts(self, obj: Priority | Topic) -> list[str]:
        return [obj.name, str(self.opts.model_name)]

    def undeletable(self, records: QuerySet) -> QuerySet:
        used = records.filter(calls__isnull=False) | records.filter(projects__isnull=False)
        return used.distinct()

    def deletion_blocker(self, obj: Priority | Topic) -> str:
        return _(
            "“%(term)s” is used by calls or projects and cannot be deleted. "
            "Remove it from them first."
        ) % {"term": obj}


@admin.register(Priority)
class PriorityAdmin(TermAdmin):
    purpose = _("The long-term priorities of the CBSS that calls and projects serve.")
    fieldsets = [(None, {"fields": ["name", "description"]}), (_("Address"), {"fields": ["slug"]})]


@admin.register(Topic)
class TopicAdmin(TermAdmin):
    purpose = _("Thematic areas, which change from call to call.")
    fieldsets = [(None, {"fields": ["name"]}), (_("Address"), {"fields": ["slug"]})]
