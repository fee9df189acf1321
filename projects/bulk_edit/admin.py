"""The page on which staff change the same field of several projects."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from crispy_forms.layout import Hidden, LayoutObject
from django import forms
from django.contrib import admin
from django.db.models import QuerySet, prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext, gettext_lazy, ngettext

from projects.bulk_edit import edits
from projects.models import Project
from projects.workflow.admin import SelectionPage, open_for_selection
from projects.workflow.status_changes import lock_with_calls
from psf.staff.forms import Button, StaffForm
from psf.staff.widgets import check_input


class ValueForm(StaffForm):
    """The field for the term or the day. The address contains the value."""

    button = gettext_lazy("Show what would change")
    method = "get"

    def __init__(self, *args: Any, projects: list[Project], what: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.projects, self.what = projects, what
        kind = edits.KINDS[what]
        label = str(kind.label)
        if kind.terms:
            terms = kind.terms._default_manager.all()
            self.fields["value"] = forms.ModelChoiceField(terms, label=label)
        else:
            widget = forms.DateInput(attrs={"class": "psf-day"})
            self.fields["value"] = forms.DateField(label=label, widget=widget)
        check_input(self.fields["value"])

    def layout(self) -> list[str | LayoutObject]:
        projects = [Hidden("project", project.pk) for project in self.projects]
        return [*projects, Hidden("what", self.what), *super().layout()]

    def buttons(self) -> list[Button]:
        return [Button(self.button)]


class BulkEditForm(StaffForm):
    reason = forms.CharField(label=gettext_lazy("Reason (kept in the history)"), max_length=500)


class BulkEditPage(SelectionPage):
    """The field, then the value with its effect on each project, then the reason."""

    name = "bulk_edit"
    breadcrumb = gettext_lazy("Edit selected projects")
    permission = "change"
    template_name = "admin/projects/bulk_edit/bulk_edit.html"
    fields = BulkEditForm
    button = gettext_lazy("Save changes")

    def load(self) -> None:
        super().load()
        prefetch_related_objects(self.projects, "priorities", "topics")
        what, sent = self.request.GET.get("what", ""), self.request.GET
        self.value_form = self.edit = None
        if what and what not in edits.KINDS:
            raise Http404
        if what:
            data = sent if "value" in sent else None
            self.value_form = ValueForm(data, projects=self.projects, what=what)
            if self.value_form.is_valid():
                value = self.value_form.cleaned_data["value"]
                self.edit = edits.BulkEdit(edits.KINDS[what], value)

    def previews(self) -> Mapping[str, Callable[[], object]]:
        edit = self.edit
        if edit is None or not any(
            project.published_at and edit.old(project) != edit.new(project)
            for project in self.projects
        ):
            return {}
        return {"": lambda: edits.write_edit(lock_with_calls(self.projects), edit)}

    def execute(self, form: BulkEditForm) -> str:
        edit = cast(edits.BulkEdit, self.edit)
        edits.edit_projects(self.projects, edit, self.user, self.reason(form))
        message = ngettext(
            "%(count)d project was checked, and changed where it was different.",
            "%(count)d projects were checked, and changed where they were different.",
            len(self.projects),
        )
        return message % {"count": len(self.projects)}

    def success_url(self) -> str:
        return self.url_of("changelist")

    def context(self) -> Mapping[str, object]:
        kinds = [(kind.label, self.address_with(what=what)) for what, kind in edits.KINDS.items()]
        return {
            "projects": self.projects,
            "kinds": kinds,
            "value_form": self.value_form,
            "edit": self.edit,
            "other_value": self.address_with(what=self.request.GET.get("what", "")),
            "has_errors": self.value_form is not None and bool(self.value_form.errors),
            "rows": self._effects(self.edit) if self.edit else [],
        }

    def _effects(self, edit: edits.BulkEdit) -> list[tuple[Project, str, str, str]]:
        """Each project with its old value, its new value ("the same" if equal), and a warning."""
        values = [(project, edit.old(project), edit.new(project)) for project in self.projects]
        return [
            (
                project,
                edits.describe_value(old),
                gettext("the same") if old == new else edits.describe_value(new),
                edit.warning(project),
            )
            for project, old, new in values
        ]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return super().post(request, *args, **kwargs) if self.edit else self.get(request)


@admin.action(description=gettext_lazy("Edit selected projects"), permissions=["change"])
def edit_selected(
    model_admin: admin.ModelAdmin, request: HttpRequest, projects: QuerySet[Project]
) -> HttpResponse | None:
    return open_for_selection(model_admin, request, projects, BulkEditPage.name)
