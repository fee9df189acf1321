"""What was odd in an announcement, on the pages of the records that were read from it."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from projects.models import AnnouncementFlag
from psf.staff.inlines import RowsInline


class FlagInline(RowsInline):
    """What the reader of announcements pointed out; it is settled here, and never added."""

    model = AnnouncementFlag
    can_delete = False
    readonly_fields = ["line"]
    fieldsets = [(None, {"fields": [("line", "is_settled")]})]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class FlaggedAdmin(admin.ModelAdmin):
    """Shows what is to be settled of a record, where there is anything."""

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        inlines = super().get_inlines(request, obj)
        return [*inlines, FlagInline] if obj and obj.flags.exists() else inlines
