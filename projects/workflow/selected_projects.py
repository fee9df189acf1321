"""Pages for several projects at once, which the address names."""

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from projects.models import (
    Project,
)
from psf.staff.pages import ActionPage

MOST_AT_ONCE = 200  # their keys are in the address


def selection_url(page: str, keys: list[int], **query: str) -> str:
    """The address of a page for these projects."""
    parameters = [*(("project", str(key)) for key in keys), *query.items()]
    return f"{reverse(f'admin:projects_project_{page}')}?{urlencode(parameters)}"


def open_for_selection(
    model_admin: admin.ModelAdmin, request: HttpRequest, projects: QuerySet[Project], page: str
) -> HttpResponseRedirect | None:
    """Go to a page for the selected projects, unless they are too many."""
    keys = list(projects.order_by("pk").values_list("pk", flat=True)[: MOST_AT_ONCE + 1])
    if len(keys) > MOST_AT_ONCE:
        message = _("Select at most %(most)d projects.") % {"most": MOST_AT_ONCE}
        model_admin.message_user(request, message, messages.ERROR)
        return None
    return redirect(selection_url(page, keys))


class SelectionPage(ActionPage):
    """A page with one form for the selected projects."""

    of_record = False

    def load(self) -> None:
        """Load the projects that the address names, from `for_rules()`."""
        keys = self.request.GET.getlist("project")
        if not 0 < len(keys) <= MOST_AT_ONCE or not all(key.isdecimal() for key in keys):
            raise Http404
        numbers = {int(key) for key in keys if len(key) < 19}
        projects = Project.objects.for_rules().filter(pk__in=numbers)
        self.projects = list(projects.order_by("reference"))
        if not self.projects:
            raise Http404

    def shown(self) -> list[Model]:
        calls = {project.call_id: project.call for project in self.projects}
        return [*calls.values(), *self.projects]

    def address_with(self, **query: str) -> str:
        """The address of this page for the same projects."""
        return selection_url(self.name, [project.pk for project in self.projects], **query)

    def success_url(self) -> str:
        if len(self.projects) == 1:
            return self.url_of("change", self.projects[0].pk)
        return self.url_of("changelist")
