"""The page “Agreement and money” of a project, and one for each act."""

from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from projects.amounts import project_amount
from projects.models import Project
from projects.models.choices import FUNDED_STATUSES
from projects.permissions import FOLLOW, PUBLISH_PROJECT
from projects.post_award.account import account_of, agreement_of
from projects.post_award.admin import agreement_forms as money_forms
from projects.post_award.admin import document_forms as papers
from projects.post_award.admin import report_forms as reports
from projects.post_award.admin.forms import FollowingForm
from psf.database.record_version import lock
from psf.files.serving import attachment
from psf.history import recording
from psf.history.models import Channel
from psf.staff.history.record_admin import HistoryAdmin
from psf.staff.records import Link

# The acts of a project, and those that change one of its parts.
OF_PROJECT: dict[str, type[FollowingForm]] = {
    "agreement": money_forms.AgreementForm,
    "lay-out": money_forms.LayOutForm,
    "instalment": money_forms.InstalmentForm,
    "repay": money_forms.RepayForm,
    "close": money_forms.CloseForm,
    "report": reports.ReportForm,
    "join": reports.JoinForm,
    "leave": reports.LeaveForm,
    "prolong": reports.ProlongForm,
    "shift": reports.ShiftForm,
    "amend": reports.OtherForm,
    "document": papers.AddDocumentForm,
    "output": papers.OutputForm,
}
OF_PARTS: dict[str, type[FollowingForm]] = {
    "instalment": money_forms.InstalmentForm,
    "drop-instalment": money_forms.DropInstalmentForm,
    "pay": money_forms.PayForm,
    "report": reports.ReportForm,
    "drop-report": reports.DropReportForm,
    "receive": reports.ReceiveForm,
    "approve": reports.ApproveForm,
    "document": papers.ChangeDocumentForm,
    "delete-document": papers.DeleteDocumentForm,
    "publish-document": papers.PublishDocumentForm,
    "take-back-document": papers.TakeBackDocumentForm,
    "output": papers.OutputForm,
    "delete-output": papers.DeleteOutputForm,
    "publish-output": papers.PublishOutputForm,
    "take-back-output": papers.TakeBackOutputForm,
}


class FollowingPages(HistoryAdmin):
    """Adds to a project's pages those of what follows an award."""

    def get_urls(self) -> list[Any]:
        pages: list[tuple[str, Any, str]] = [
            ("following/", self.following_view, "following"),
            ("following/<slug:act>/", self.following_act_view, "following_act"),
            ("following/<slug:act>/<int:key>/", self.following_act_view, "following_part"),
            ("documents/<int:key>/", self.document_view, "document"),
        ]
        return [
            *(
                path(
                    f"<path:object_id>/{address}",
                    self.admin_site.admin_view(view),
                    name=f"projects_project_{name}",
                )
                for address, view, name in pages
            ),
            *super().get_urls(),
        ]

    def links(self, request: HttpRequest, obj: Project) -> list[Link]:
        links = super().links(request, obj)
        if request.user.has_perm("projects.view_agreement"):
            links.append(Link(_("Agreement and money"), following_url(obj)))
        return links

    def following_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """All that follows the award, and what can be done."""
        if not request.user.has_perm("projects.view_agreement"):
            raise PermissionDenied
        return require_safe(self._following)(request, object_id)

    def _following(self, request: HttpRequest, object_id: str) -> HttpResponse:
        project = self._project(request, object_id)
        context = {
            "title": _("Agreement and money: %(project)s") % {"project": project},
            "is_funded": project.status in FUNDED_STATUSES,
            "amount": project_amount(project),
            "agreement": agreement_of(project),
            "account": account_of(project),
            "instalments": list(project.instalments.all()),
            "reports": list(project.reports.all()),
            "amendments": list(
                project.amendments.select_related("partnership__partner", "partnership__country")
            ),
            "repayments": list(project.repayments.all()),
            "documents": list(project.documents.select_related("report", "added_by")),
            "outputs": list(project.outputs.select_related("document")),
            "may_follow": request.user.has_perm(FOLLOW),
            "may_publish": request.user.has_perm(PUBLISH_PROJECT),
        }
        return self._page_of(request, project, "page", context)

    def following_act_view(
        self, request: HttpRequest, object_id: str, act: str, key: int | None = None
    ) -> HttpResponse:
        """Ask what an act needs, and carry it out."""
        found = (OF_PROJECT if key is None else OF_PARTS).get(act)
        if found is None:
            raise Http404
        if not request.user.has_perm(found.permission):
            raise PermissionDenied
        project = self._project(request, object_id)
        part = get_object_or_404(found.model, pk=key, project=project) if key is not None else None
        sent = (request.POST, request.FILES) if request.method == "POST" else ()
        form = found(*sent, record=project, part=part, user=request.user)
        if form.is_bound and form.is_valid() and (done := self._do(request, form)):
            self.message_user(request, done, messages.SUCCESS)
            return redirect(following_url(project))
        context = {
            "title": form.title,
            "form": form,
            "part": part,
            "version": self.last_entry(project),
        }
        return self._page_of(request, project, "action", context)

    def _do(self, request: HttpRequest, form: FollowingForm) -> str:
        """What was done, for the history; "" if it could not be."""
        try:
            with recording.change_set(request.user, channel=Channel.FOLLOWING, reason=form.why()):
                lock(Project.objects.filter(pk=form.record.pk))
                if request.POST.get("version") != str(self.last_entry(form.record)):
                    raise ValidationError(
                        _("What you were shown has changed, so nothing was done: look at it again.")
                    )
                done = form.execute()
                self.log_change(request, form.record, done)
        except ValidationError as error:
            form.add_error(None, error)
            return ""
        return done

    def document_view(self, request: HttpRequest, object_id: str, key: int) -> HttpResponseBase:
        """A document of the project, public or not, to be saved."""
        if not request.user.has_perm("projects.view_document"):
            raise PermissionDenied
        return require_safe(self._document)(request, object_id, key)

    def _document(self, request: HttpRequest, object_id: str, key: int) -> HttpResponseBase:
        found = get_object_or_404(self._project(request, object_id).documents, pk=key)
        return attachment(request, found.stored_name, found.file_name, found.sha256)

    def _project(self, request: HttpRequest, object_id: str) -> Project:
        project = self.get_object(request, unquote(object_id))
        if project is None:
            raise Http404
        return project

    def _page_of(
        self, request: HttpRequest, project: Project, page: str, context: dict[str, Any]
    ) -> HttpResponse:
        request.current_app = self.admin_site.name
        base = {**self.admin_site.each_context(request), "opts": self.opts, "original": project}
        name = f"admin/projects/post_award/{page}.html"
        return TemplateResponse(request, name, base | context)


def following_url(project: Project) -> str:
    return reverse("admin:projects_project_following", args=[project.pk])
