"""The dossier of a project: a page with its contents, and the archive."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from projects.dossier.contents import contact_files, files_of, zipped
from projects.models import Project
from projects.permissions import DECIDE, MANAGE_AWARDS, VIEW_CONTACT
from psf.staff.pages import StaffPage


class DossierPage(StaffPage):
    """The list of files in the dossier, and the links to the archive."""

    name = "dossier"
    label: ClassVar[str | Promise] = gettext_lazy("Dossier…")
    heading = gettext_lazy("Dossier of %(record)s")
    template_name = "admin/projects/dossier/dossier.html"
    record: Project

    def is_allowed(self) -> bool:
        may_read = any(map(self.request.user.has_perm, [DECIDE, MANAGE_AWARDS]))
        return may_read and self.admin.has_view_permission(self.request)

    def record_name(self) -> str:
        return self.record.reference

    def context(self) -> Mapping[str, object]:
        files = [file.name for file in files_of(self.record, self.user)]
        may_see_contacts = self.request.user.has_perm(VIEW_CONTACT)
        contacts = self.record.contacts.count() if may_see_contacts else 0
        return {"files": files, "contacts": contacts, "archive": self.url_of("dossier_zip")}


class DossierArchive(DossierPage):
    """The archive, with the contact persons on request."""

    name = "dossier_zip"
    label = ""
    route = "dossier.zip"

    def is_allowed(self) -> bool:
        may_see_contacts = self.request.user.has_perm(VIEW_CONTACT)
        return super().is_allowed() and ("contacts" not in self.request.GET or may_see_contacts)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        files = files_of(self.record, self.user)
        files += contact_files(self.record) if "contacts" in request.GET else []
        name = f"{self.record.slug}-{timezone.localdate():%Y-%m-%d}"
        archive = zipped(name, files)
        return FileResponse(archive, as_attachment=True, filename=f"dossier-{name}.zip")
