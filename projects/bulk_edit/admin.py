"""The page on which staff change one thing of several projects."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet, prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from projects.bulk_edit import services as many
from projects.models import Project
from projects.workflow.admin import SteppingAdmin
from projects.workflow.steps import lock_with_calls, versions_of
from psf.impact.preview import preview_impact


class ValueForm(forms.Form):
    """Asks for the term or the day."""

    def __init__(self, *args: Any, kind: many.Kind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        label = str(kind.label)
        if kind.terms:
            terms = kind.terms._default_manager.all()
            self.fields["value"] = forms.ModelChoiceField(terms, label=label)
        else:
            widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
            self.fields["value"] = forms.DateField(label=label, widget=widget)


class ReasonForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Why, for the history"), max_length=500)


class ChangingManyAdmin(SteppingAdmin):
    """Adds to the list of projects the change of several: what, then how each changes, then why."""

    actions = [*SteppingAdmin.actions, "choose_change"]

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.many_view)
        return [path("many/", view, name=self.page_name("many")), *super().get_urls()]

    @admin.action(description=gettext_lazy("Change the chosen"), permissions=["change"])
    def choose_change(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        return self.to_page_of_chosen(request, queryset, "many")

    def many_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_change_permission(request):
            raise PermissionDenied
        projects, what = self.chosen(request), request.GET.get("what", "")
        prefetch_related_objects(projects, "priorities", "topics")
        context: dict[str, Any] = {"projects": projects, "what": what}
        if not what:
            keys = [project.pk for project in projects]
            context["offered"] = [
                (kind.label, self.page_of_chosen("many", keys, what=name))
                for name, kind in many.KINDS.items()
            ]
            return self._many_page(request, context)
        if what not in many.KINDS:
            raise Http404
        kind = many.KINDS[what]
        value = ValueForm(request.GET if "value" in request.GET else None, kind=kind)
        context |= {"kind": kind, "value": value}
        if not value.is_valid():
            return self._many_page(request, context)
        change = many.Change(kind, value.cleaned_data["value"])
        form = ReasonForm(request.POST if request.method == "POST" else None)
        if form.is_valid() and self._change_many(request, projects, change, form):
            return redirect(f"admin:{self.page_name('changelist')}")
        return self._many_page(request, context | _preview(projects, change) | {"form": form})

    def _change_many(
        self, request: HttpRequest, projects: list[Project], change: many.Change, form: forms.Form
    ) -> bool:
        shown = request.POST.get("version", "")
        try:
            many.change_many(projects, change, request.user, form.cleaned_data["reason"], shown)
        except ValidationError as error:
            form.add_error(None, error)
            return False
        words = ngettext(
            "%(count)d project was looked at, and changed where it differed.",
            "%(count)d projects were looked at, and changed where they differed.",
            len(projects),
        )
        self.message_user(request, words % {"count": len(projects)}, messages.SUCCESS)
        return True

    def _many_page(self, request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
        request.current_app = self.admin_site.name
        context = {
            **self.admin_site.each_context(request),
            "title": _("Change several projects"),
            "opts": self.opts,
            **context,
        }
        return TemplateResponse(request, "admin/projects/bulk_edit/bulk_edit.html", context)


def _preview(projects: list[Project], change: many.Change) -> dict[str, Any]:
    """How each project changes, and what readers will see of it."""
    states = [(project, change.old(project), change.new(project)) for project in projects]
    rows = [
        (project, many.in_words(old), many.in_words(new), old == new)
        for project, old, new in states
    ]
    seen = None
    if any(project.published_at and old != new for project, old, new in states):
        seen = preview_impact(lambda: many.write(lock_with_calls(projects), change))
    return {"rows": rows, "seen": seen, "versions": versions_of(projects)}
