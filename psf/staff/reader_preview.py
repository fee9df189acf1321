"""A change of a public record is shown as readers will see it, before it is saved."""

from typing import Any, cast

from django.contrib.messages import INFO
from django.db.models import Model
from django.http import HttpRequest, HttpResponse

from psf.impact.preview import Preview, save_or_preview
from psf.staff.optimistic_locking import OptimisticLockAdmin

SAVE_BUTTONS = ["_continue", "_addanother"]  # besides "_save"


class ReaderPreviewAdmin(OptimisticLockAdmin):
    """Asks for confirmation if readers will see a change.

    The confirmation names the changed values, and what readers will see. The form asks again if
    either differs when it is confirmed.
    """

    def process_form(self, request: HttpRequest, obj: Model | None, *args: Any) -> HttpResponse:
        save = super().process_form
        refused = hasattr(request, "conflict") or hasattr(request, "refusal")
        if not obj or refused or not self._is_seen(obj):
            return save(request, obj, *args)
        state: Any = request
        messages: list[tuple[Any, int | str]] = []

        def attempt() -> HttpResponse:
            messages.clear()
            return save(request, obj, *args)

        state.unsent = messages
        try:
            outcome = save_or_preview(attempt, request.POST.get("confirmation", ""))
        finally:
            del state.unsent
        if isinstance(outcome, Preview):
            state.preview = outcome
            return save(request, obj, *args)
        for message, level in messages:
            self.message_user(request, message, level)
        return outcome

    def message_user(
        self, request: HttpRequest, message: Any, level: int | str = INFO, *args: Any, **kwargs: Any
    ) -> None:
        """Hold messages back until the save stays."""
        if hasattr(request, "unsent"):
            request.unsent.append((message, level))
        else:
            super().message_user(request, message, level, *args, **kwargs)

    def _is_seen(self, obj: Model) -> bool:
        """Whether readers may see the record. Records without a page of their own always count."""
        records = cast(Any, self.opts.concrete_model)._default_manager
        if not self._has_readers():
            return False
        return not hasattr(records, "public") or records.public().filter(pk=obj.pk).exists()

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        form = super().get_form(request, *args, **kwargs)
        form.is_refused |= hasattr(request, "preview")
        return form

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if preview := getattr(request, "preview", None):
            context["impact"], context["confirmation"] = preview
            context["button"] = next(
                (name for name in SAVE_BUTTONS if name in request.POST), "_save"
            )
        return super().render_change_form(request, context, *args, **kwargs)
