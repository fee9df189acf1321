"""Filters of the list of assessments, which know only what its reader may know."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from projects.models import Assessment, Call, Declaration


class CallFilter(admin.SimpleListFilter):
    title = _("call")
    parameter_name = "call"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        mine = Assessment.objects.listed_for(request.user)
        calls = Call.objects.filter(pk__in=mine.values("project__call"))
        return [(str(call.pk), str(call)) for call in calls]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        calls = dict(self.lookup_choices)
        return queryset.filter(project__call=self.value()) if self.value() in calls else queryset


class StateFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [
            ("to_do", _("to do")),
            ("submitted", _("submitted")),
            ("conflict", _("conflict of interest")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet:
        choices: dict[str | None, QuerySet] = {
            "to_do": queryset.to_do(),
            "submitted": queryset.filter(submitted_at__isnull=False),
            "conflict": queryset.filter(declaration=Declaration.CONFLICT),
        }
        return choices.get(self.value(), queryset)
