"""The audit log for administrators."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from psf.audit.models import AuditEvent
from psf.staff.records import RecordAdmin

TO_SEE = "auth.view_user"


@admin.register(AuditEvent)
class AuditLog(RecordAdmin):
    """A list to read. Whoever sees the accounts sees what the accounts did."""

    purpose = _("Sign-ins, failures, refusals, publications, imports and downloads.")

    list_display = ["made_at", "kind", "who", "client", "note"]
    list_display_links = None
    list_filter = ["kind"]
    search_fields = ["who", "note"]
    versioned_by = ["kind"]
    date_hierarchy = "made_at"
    fields = ["made_at", "kind", "who", "client", "note"]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(TO_SEE)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
