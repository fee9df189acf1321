"""Publishing and unpublishing: pages of their own beside the form of a call or a project."""

from collections.abc import Mapping

from django.contrib import messages
from django.db.models import Model
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _, gettext_lazy

from projects.amounts import project_amount
from projects.models import Call, Project
from projects.permissions import PUBLISH_CALL, PUBLISH_PROJECT
from projects.publication import warnings
from projects.publication.admin.forms import (
    CancelPublicationForm,
    PublishCallForm,
    PublishProjectForm,
    UnpublishCallForm,
    UnpublishProjectForm,
)
from projects.publication.blockers import publication_blockers
from projects.publication.publish import awaiting_publication, scheduled_results
from projects.publication.status import publication_status
from psf.history.models import Channel
from psf.staff.pages import RecordedActionPage


class PublicationPage(RecordedActionPage):
    """The base of the pages for publishing and unpublishing."""

    channel = Channel.PUBLICATION
    record: Call | Project

    def shown(self) -> list[Model]:
        """Also the projects of a call, which are published and unpublished with it."""
        projects = self.record.projects.all() if isinstance(self.record, Call) else []
        return [self.record, *projects]

    def context(self) -> Mapping[str, object]:
        return {"publication": publication_status(self.record)}

    def report(self, done: str) -> None:
        if url := self.admin.get_view_on_site_url(self.record):
            link = format_html('<a href="{}">{}</a>', url, _("See the public page"))
            messages.success(self.request, format_html("{} {}", done, link))
        else:
            messages.success(self.request, done)


class PublishPage(PublicationPage):
    name = "publish"
    label = gettext_lazy("Publish…")
    heading = gettext_lazy("Publish “%(record)s”")


class UnpublishPage(PublicationPage):
    name = "unpublish"
    label = gettext_lazy("Unpublish…")
    heading = gettext_lazy("Unpublish “%(record)s”")

    def is_offered(self) -> bool:
        was_public = self.record.published_at or self.record.unpublished_at
        return super().is_offered() and was_public is not None


class CancelPublicationPage(PublicationPage):
    name = "cancel_publication"
    label = gettext_lazy("Cancel the scheduled publication…")
    heading = gettext_lazy("Cancel the scheduled publication of “%(record)s”")
    template_name = "admin/projects/publication/_page.html"
    form_class = CancelPublicationForm


class CancelCallPage(CancelPublicationPage):
    permission = PUBLISH_CALL
    record: Call

    def is_offered(self) -> bool:
        is_scheduled = self.record.scheduled_for() or scheduled_results(self.record)
        return super().is_offered() and is_scheduled is not None


class CancelProjectPage(CancelPublicationPage):
    permission = PUBLISH_PROJECT
    record: Project

    def is_offered(self) -> bool:
        return super().is_offered() and self.record.scheduled_for() is not None


class PublishCallPage(PublishPage):
    permission = PUBLISH_CALL
    template_name = "admin/projects/publication/publish_call.html"
    form_class = PublishCallForm
    record: Call

    def is_offered(self) -> bool:
        """Whether anything of the call is not public yet."""
        decision = self.record.recorded_decision()
        return super().is_offered() and (
            not self.record.is_public()
            or bool(awaiting_publication(self.record))
            or (decision is not None and not decision.is_public())
        )

    def context(self) -> Mapping[str, object]:
        call = Call.objects.for_page().get(pk=self.record.pk)
        now = timezone.now()
        waiting, decision = awaiting_publication(call), call.recorded_decision()
        hidden = decision if decision and not decision.is_public() else None
        at = max(now, call.published_at or now)
        reasons = [reason for project in waiting for reason in publication_blockers(project, at)]
        return {
            **super().context(),
            "call": call,
            "decision": decision,
            "projects": [(project, project_amount(project)) for project in waiting],
            "missing": warnings.missing_in_call(call),
            "missing_results": warnings.missing_in_results(hidden, waiting) if hidden else [],
            "result_blockers": list(dict.fromkeys(reasons)),
        }


class UnpublishCallPage(UnpublishPage):
    permission = PUBLISH_CALL
    template_name = "admin/projects/publication/unpublish_call.html"
    form_class = UnpublishCallForm
    record: Call

    def context(self) -> Mapping[str, object]:
        projects = self.record.projects.filter(published_at__isnull=False).for_list()
        return {**super().context(), "projects": list(projects)}


class PublishProjectPage(PublishPage):
    permission = PUBLISH_PROJECT
    template_name = "admin/projects/publication/publish_project.html"
    form_class = PublishProjectForm
    record: Project

    def is_offered(self) -> bool:
        return super().is_offered() and not self.record.is_public()

    def context(self) -> Mapping[str, object]:
        project = Project.objects.for_page().get(pk=self.record.pk)
        return {
            **super().context(),
            "project": project,
            "amount": project_amount(project),
            "missing": warnings.missing_in_project(project),
        }


class UnpublishProjectPage(UnpublishPage):
    permission = PUBLISH_PROJECT
    template_name = "admin/projects/publication/unpublish_project.html"
    form_class = UnpublishProjectForm
    record: Project
