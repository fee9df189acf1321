"""The dossier of a project: what is in it, and the archive."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from projects import dossier
from projects.models import Project
from projects.permissions import DECIDE, FOLLOW, VIEW_CONTACT
from psf.staff.records import Link, RecordAdmin


class DossierAdmin(RecordAdmin):
    """Adds to the pages of projects that of their dossier."""

    def get_urls(self) -> list[Any]:
        archive = path(
            "<path:object_id>/dossier.zip",
            self.admin_site.admin_view(require_safe(self.dossier_zip_view)),
            name=self.page_name("dossier_zip"),
        )
        return [archive, self.page("dossier", self.dossier_view), *super().get_urls()]

    def links(self, request: HttpRequest, obj: Project) -> list[Link]:
        links = super().links(request, obj)
        if self.may_take_dossier(request):
            links.append(Link(_("Dossier…"), self.page_url("dossier", obj.pk)))
        return links

    def may_take_dossier(self, request: HttpRequest) -> bool:
        allowed = request.user.has_perm(DECIDE) or request.user.has_perm(FOLLOW)
        return allowed and self.has_view_permission(request)

    def dossier_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        if not self.may_take_dossier(request):
            raise PermissionDenied
        obj = self.record_or_404(request, object_id)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Dossier of %(project)s") % {"project": obj.reference},
            "opts": self.opts,
            "original": obj,
            "files": [file.name for file in dossier.files_of(obj, request.user)],
            "contacts": obj.contacts.count() if request.user.has_perm(VIEW_CONTACT) else 0,
            "archive_url": self.page_url("dossier_zip", obj.pk),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/projects/dossier/dossier.html", context)

    def dossier_zip_view(self, request: HttpRequest, object_id: str) -> StreamingHttpResponse:
        with_contacts = "contacts" in request.GET
        if not self.may_take_dossier(request) or (
            with_contacts and not request.user.has_perm(VIEW_CONTACT)
        ):
            raise PermissionDenied
        obj = self.record_or_404(request, object_id)
        # Now, so that what cannot be read is an error and no broken archive.
        files = dossier.files_of(obj, request.user)
        files += dossier.contacts(obj) if with_contacts else []
        name = f"{obj.slug}-{timezone.localdate():%Y-%m-%d}"
        return StreamingHttpResponse(
            dossier.zipped(name, files),
            content_type="application/zip",
            headers={"Content-Disposition": f'attachment; filename="dossier-{name}.zip"'},
        )
