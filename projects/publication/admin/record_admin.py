"""The admin of records that staff publish."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.models import Call, Project
from psf.staff.history.record_admin import HistoryAdmin
from psf.text.dates import describe_moment


class PublishedRecordAdmin(HistoryAdmin):
    """A record that becomes public by an action of its own, which has a permission."""

    def notices(self, request: HttpRequest, obj: Any) -> list[str]:
        return [publication_status(obj), *super().notices(request, obj)]

    @admin.display(description=gettext_lazy("publication"), ordering="published_at")
    def publication(self, obj: Call | Project) -> str:
        """Whether readers see the record, as the list shows it."""
        if obj.published_at is None:
            return _("unpublished") if obj.unpublished_at else _("not public")
        return _("public") if obj.is_public() else _("scheduled")


def publication_status(record: Call | Project) -> str:
    """Whether readers see the record, in sentences."""
    status = ""
    if record.published_at:
        moment = describe_moment(record.published_at)
        if record.is_public():
            return _("Public since %(moment)s.") % {"moment": moment}
        status = _("Scheduled: public from %(moment)s.") % {"moment": moment}
    if not record.unpublished_at:
        return status or _("Not public.")
    unpublished = _("Unpublished on %(moment)s: %(reason)s") % {
        "moment": describe_moment(record.unpublished_at),
        "reason": record.unpublished_reason,
    }
    return f"{status} {unpublished}".strip()
