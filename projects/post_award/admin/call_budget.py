"""The money of a call at a glance: a page beside its form, and the same as CSV."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from projects.models import Call
from projects.post_award.call_budget import budget_of
from projects.stages import CallStage
from psf.charts.tables import table_as_csv
from psf.staff.records import Link


class BudgetPages(admin.ModelAdmin):
    """Adds to a call's pages that of its money."""

    def get_urls(self) -> list[Any]:
        pages: list[tuple[str, Any, str]] = [
            ("budget/", self.budget_view, "budget"),
            ("budget.csv", self.budget_csv_view, "budget_csv"),
        ]
        return [
            *(
                path(
                    f"<path:object_id>/{address}",
                    self.admin_site.admin_view(require_safe(view)),
                    name=f"projects_call_{name}",
                )
                for address, view, name in pages
            ),
            *super().get_urls(),
        ]

    def links(self, request: HttpRequest, obj: Call) -> list[Link]:
        links: list[Link] = super().links(request, obj)  # type: ignore[misc]
        if request.user.has_perm("projects.view_agreement"):
            url = reverse("admin:projects_call_budget", args=[obj.pk])
            links.append(Link(_("Budget"), url, CallStage.POST_AWARD))
        return links

    def _call(self, request: HttpRequest, object_id: str) -> Call:
        if not request.user.has_perm("projects.view_agreement"):
            raise PermissionDenied
        call = self.get_object(request, unquote(object_id))
        if call is None:
            raise Http404
        return call

    def budget_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        call = self._call(request, object_id)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Budget: %(call)s") % {"call": call},
            "opts": self.opts,
            "original": call,
            "table": budget_of(call),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/projects/post_award/budget.html", context)

    def budget_csv_view(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        return table_as_csv(budget_of(self._call(request, object_id)))
