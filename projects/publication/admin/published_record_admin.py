"""The admin of records that staff publish."""

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext as _, gettext_lazy

from projects.models import Call, Project
from projects.publication.status import publication_status, scheduled_sentence
from psf.staff.record_admin import DeletionRules, RecordAdmin


class PublishedRecordAdmin(RecordAdmin):
    """A record that a separate action publishes. The action has its own permission."""

    def notices(self, request: HttpRequest, obj: Any) -> list[str]:
        return [publication_status(obj), *super().notices(request, obj)]

    def deletion_rules(self) -> DeletionRules:
        public = _(
            "“%(record)s” is public, or will be, so it cannot be deleted. Unpublish it instead."
        )
        unpublished = _(
            "“%(record)s” was public and cannot be deleted: its address tells readers why it was "
            "unpublished."
        )
        return [
            (Q(published_at__isnull=False), public),
            (Q(unpublished_at__isnull=False), unpublished),
        ]

    @admin.display(description=gettext_lazy("publication"), ordering="published_at")
    def publication(self, obj: Call | Project) -> str:
        """Whether readers see the record, as the list shows it."""
        if obj.published_at is None:
            return _("unpublished") if obj.unpublished_at else _("not public")
        if moment := obj.scheduled_for():
            return scheduled_sentence(moment)
        decision = obj.recorded_decision() if isinstance(obj, Call) else None
        if decision and (moment := decision.scheduled_for()):
            return _("public; results: %(scheduled)s") % {"scheduled": scheduled_sentence(moment)}
        return _("public")
