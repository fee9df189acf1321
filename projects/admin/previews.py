"""The public pages of calls and projects, shown to staff before they are public."""

from typing import Any

from django.utils.translation import gettext as _

from projects.models import Call, Project
from projects.pages.project_detail import project_context
from projects.pages.views import call_context
from psf.staff.pages import PreviewPage


class PublishedRecordPreview(PreviewPage):
    """The preview of a record that staff publish."""

    record: Call | Project

    def banner(self) -> str:
        if self.record.is_public():
            return _("Preview: the page as readers see it.")
        return _("Preview: the page as readers see it once it is published.")


class CallPreview(PublishedRecordPreview):
    template_name = "projects/call_detail.html"

    def context(self) -> dict[str, Any]:
        return call_context(Call.objects.for_page().get(pk=self.record.pk))


class ProjectPreview(PublishedRecordPreview):
    template_name = "projects/project_detail.html"

    def context(self) -> dict[str, Any]:
        return project_context(Project.objects.for_page().get(pk=self.record.pk))
