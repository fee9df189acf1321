"""The audit log for administrators."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from psf.audit.models import AuditEvent
from psf.staff.record_admin import ReadOnlyAdmin


@admin.register(AuditEvent)
class AuditLog(ReadOnlyAdmin):
    """The events, for accounts with the permission to see them. Nobody can change an event."""

    purpose = _("Sign-ins, failures, refusals, publications, imports and downloads.")

    list_display = ["made_at", "kind", "who", "client", "note"]
    list_display_links = None
    # By the key of the account: an address of a page, which logs keep, has no name of a person.
    list_filter = ["kind", ("user", admin.RelatedOnlyFieldListFilter)]
    versioned_by = ["kind"]
    date_hierarchy = "made_at"
    fields = ["made_at", "kind", "who", "client", "note"]
