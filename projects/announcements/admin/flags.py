"""Unclear points of an announcement, shown on the forms of its records."""

from collections.abc import Sequence

from django.contrib.admin.options import InlineModelAdmin
from django.http import HttpRequest

from projects.models import AnnouncementFlag, Call, Project
from psf.staff.inlines import RowsInline


class FlagInline(RowsInline):
    """Flags are settled here. Only reading an announcement adds them."""

    model = AnnouncementFlag
    can_delete = False
    readonly_fields = ["line"]
    fieldsets = [(None, {"fields": [("line", "is_settled")]})]

    def has_add_permission(self, request: HttpRequest, obj: Call | Project | None = None) -> bool:
        return False


def with_flags(
    inlines: Sequence[type[InlineModelAdmin]], record: Call | Project | None
) -> list[type[InlineModelAdmin]]:
    """The inlines, and the flags of the record if it has any."""
    return [*inlines, *([FlagInline] if record and record.flags.exists() else [])]
