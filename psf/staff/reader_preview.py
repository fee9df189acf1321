"""A change of a public record is shown as readers will see it, before it is saved."""

import hashlib
import json
from typing import Any, cast

from django.db.models import Model
from django.http import HttpRequest, HttpResponse

from psf.impact.preview import Impact, preview_impact
from psf.staff.optimistic_locking import OptimisticLockAdmin

SAVE_BUTTONS = ["_continue", "_addanother"]  # besides "_save"


class ReaderPreviewAdmin(OptimisticLockAdmin):
    """Asks for confirmation if readers will see a change.

    The confirmation names the previewed values. After any other change the form asks again.
    """

    def process_form(self, request: HttpRequest, obj: Model | None, *args: Any) -> HttpResponse:
        refused = hasattr(request, "conflict") or hasattr(request, "refusal")
        if obj and not refused and self._is_seen(obj):
            impact = self._preview(request, obj, *args)
            if impact and request.POST.get("confirmation", "") != confirmation(impact):
                cast(Any, request).impact = impact
        return super().process_form(request, obj, *args)

    def _is_seen(self, obj: Model) -> bool:
        """Whether readers may see the record. Records without a page of their own always count."""
        records = cast(Any, self.opts.concrete_model)._default_manager
        if not self._has_readers():
            return False
        return not hasattr(records, "public") or records.public().filter(pk=obj.pk).exists()

    def _preview(self, request: HttpRequest, obj: Model, *args: Any) -> Impact | None:
        """Return the changes that readers would see; None if there are none, or the save fails."""
        cast(Any, request).is_preview = True
        save = super().process_form
        impact = preview_impact(lambda: save(request, obj, *args))
        cast(Any, request).is_preview = False
        return impact if impact and any(impact) else None

    def response_change(self, request: HttpRequest, obj: Model) -> HttpResponse:
        # Without the message that the record was saved.
        if getattr(request, "is_preview", False):
            return HttpResponse()
        return super().response_change(request, obj)

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        form = super().get_form(request, *args, **kwargs)
        form.is_refused |= hasattr(request, "impact")
        return form

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if impact := getattr(request, "impact", None):
            context["impact"], context["confirmation"] = impact, confirmation(impact)
            context["button"] = next(
                (name for name in SAVE_BUTTONS if name in request.POST), "_save"
            )
        return super().render_change_form(request, context, *args, **kwargs)


def confirmation(impact: Impact) -> str:
    """Return a digest of the previewed changes."""
    data = json.dumps(impact.as_data(), default=str)
    return hashlib.sha256(data.encode()).hexdigest()
