"""The base of staff pages for records with a history."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django import forms
from django.db.models import Max, Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy

from psf.history import recording
from psf.history.models import Action, Change, ChangeSet, Channel
from psf.history.states import record_changes
from psf.history.tracking import kind_of
from psf.history.visibility import visible
from psf.history.words import sentences_by_change_set
from psf.staff.edit_conflicts import RecentChange
from psf.staff.history.pages import DeletedPage, HistoryPage, StatePage
from psf.staff.record_admin import RecordAdmin
from psf.text.dates import describe_moment


class ChangeReasonForm(forms.Form):
    """The reason for a change, below the form of a record."""

    why = forms.CharField(
        label=gettext_lazy("Reason (optional, kept in the history)"),
        max_length=recording.REASON_LENGTH,
        required=False,
    )


class HistoryAdmin(RecordAdmin):
    """Records each save as one change set, and adds the pages of the history."""

    common_pages = [HistoryPage, StatePage, DeletedPage]

    # Recording

    def recording(self, request: HttpRequest, channel: Channel) -> AbstractContextManager[Any]:
        if request.method != "POST":
            return nullcontext()
        return recording.change_set(
            request.user,
            channel=channel,
            reason=request.POST.get("why", "").replace("\0", "").strip(),
        )

    def save_under_lock(self, request: HttpRequest, *args: Any) -> HttpResponse:
        with self.recording(request, Channel.FORM):
            return super().save_under_lock(request, *args)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with self.recording(request, Channel.FORM):
            return super().delete_view(request, *args, **kwargs)

    def response_action(self, request: HttpRequest, queryset: QuerySet, *args: Any) -> Any:
        with self.recording(request, Channel.ACTION):
            return super().response_action(request, queryset, *args)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        obj = kwargs.get("obj")
        if obj is not None and self.has_change_permission(request, obj):
            context["reason_form"] = ChangeReasonForm(initial={"why": request.POST.get("why", "")})
        return super().render_change_form(request, context, *args, **kwargs)

    # Changes by others since the form was opened

    def last_entry(self, obj: Model) -> int:
        return record_changes(self.model, str(obj.pk)).aggregate(last=Max("pk"))["last"] or 0

    def changes_after(self, request: HttpRequest, obj: Model, entry: int) -> list[RecentChange]:
        changes = record_changes(self.model, str(obj.pk)).filter(pk__gt=entry)
        return self._describe(visible(changes, request.user))

    def deletion_of(self, request: HttpRequest, object_id: str) -> list[RecentChange]:
        kind = kind_of(self.model)
        deletions = Change.objects.filter(kind=kind, key=object_id, action=Action.DELETED)
        return self._describe(deletions.order_by("-pk")[:1])

    def _describe(self, changes: QuerySet[Change]) -> list[RecentChange]:
        by_set = sentences_by_change_set(list(changes))
        sets = ChangeSet.objects.in_bulk(list(by_set))
        return [
            RecentChange(
                who=sets[number].author(),
                when=describe_moment(sets[number].made_at),
                what=" ".join(sentence.sentence for sentence in sentences),
            )
            for number, sentences in by_set.items()
        ]
