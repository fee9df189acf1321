"""The pages of a record's history: changes, an earlier state, deleted records."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Exists, Model, OuterRef
from django.db.models.functions import Cast
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy

from psf.history.models import Action, Change, ChangeSet, Channel
from psf.history.recording import REASON_LENGTH
from psf.history.restore import apply_steps
from psf.history.states import (
    Step,
    read_row,
    record_after,
    record_changes,
    record_now,
    steps_between,
    without_publication,
)
from psf.history.tracking import fields_of, kind_of, list_field
from psf.history.visibility import hide_reasons, may_see, visible, visible_rows
from psf.history.words import (
    Names,
    describe_state,
    difference_groups,
    field_label,
    list_label,
    parents_in,
    qualified_name,
    references_of_rows,
    sentences_by_change_set,
)
from psf.impact.preview import preview_impact
from psf.staff.forms import StaffForm
from psf.staff.pages import ActionPage, StaffPage, page_of
from psf.staff.widgets import LongTextField

SETS_A_PAGE = 25
RECORDS_A_PAGE = 50


class HistoryForm(StaffForm):
    """Asks for the reason of an action on the history."""

    form_id = "history_form"
    reason = LongTextField(
        2,
        label=gettext_lazy("Reason (optional, kept in the history)"),
        max_length=REASON_LENGTH,
        required=False,
        help_text=gettext_lazy("Readers never see the reason."),
    )


class HistoryPage(StaffPage):
    """The changes of a record by change set, the newest first.

    Also of a deleted record: `record` is None then.
    """

    name = "history"
    heading = gettext_lazy("History: %(record)s")
    breadcrumb = gettext_lazy("History")
    permission = "view"
    template_name = "admin/history/record.html"

    def load(self) -> None:
        model, self.key = self.admin.model, unquote(self.kwargs["object_id"])
        related = [field.name for field in model._meta.fields if field.is_relation]
        with suppress(ValueError, ValidationError):
            records = model._base_manager.select_related(*related)
            self.record = records.filter(pk=self.key).first()
        self.changes = visible(record_changes(model, self.key), self.request.user)
        if self.record is None and not self.changes.exists():
            raise Http404

    def record_name(self) -> str:
        kind = kind_of(self.admin.model)
        return str(self.record) if self.record else Names([(kind, self.key)]).of(kind, self.key)

    def crumbs(self) -> list[tuple[str, str]]:
        return super().crumbs() if self.record else []

    def context(self) -> Mapping[str, object]:
        sets = ChangeSet.objects.filter(pk__in=self.changes.order_by().values("change_set"))
        page = page_of(self.request, sets, SETS_A_PAGE)
        rows = list(page)
        hide_reasons(rows, self.request.user)
        sentences = sentences_by_change_set(list(self.changes.filter(change_set__in=rows)))
        entries = [
            (row, sentences[row.pk], self.url_of("state", row.pk) if self.record else "")
            for row in rows
        ]
        return {"page": page, "entries": entries}


class DeletedPage(StaffPage):
    """The deleted records of a model, the last deleted first."""

    of_record = False
    name = "deleted"
    label = gettext_lazy("Deleted records")
    permission = "view"
    template_name = "admin/history/deleted.html"

    def title(self) -> str:
        return _("Deleted: %(kind)s") % {"kind": self.admin.opts.verbose_name_plural}

    def context(self) -> Mapping[str, object]:
        model = self.admin.model
        deletions = Change.objects.filter(kind=kind_of(model), action=Action.DELETED)
        existing = model._base_manager.filter(pk=Cast(OuterRef("key"), model._meta.pk))
        later = deletions.filter(key=OuterRef("key"), pk__gt=OuterRef("pk"))
        last = deletions.exclude(Exists(existing)).exclude(Exists(later))
        page = page_of(
            self.request, last.select_related("change_set").order_by("-pk"), RECORDS_A_PAGE
        )
        hide_reasons([change.change_set for change in page], self.request.user)
        rows = [read_row(model, change.old()) for change in page]
        names = Names(place for row in rows for place in parents_in(model, row))
        entries = [
            (
                qualified_name(model, row, names),
                change,
                reverse("admin:history_changeset_change", args=[change.change_set_id]),
            )
            for row, change in zip(rows, page, strict=True)
        ]
        return {"page": page, "entries": entries}


class StatePage(ActionPage):
    """A record after a change set, with a form to restore this state."""

    name = "state"
    route = "history/<int:number>/"
    heading = gettext_lazy("Earlier state: %(record)s")
    parent = HistoryPage
    permission = "view"
    template_name = "admin/history/state.html"
    fields = HistoryForm
    button = gettext_lazy("Restore this state")
    channel = Channel.RESTORE

    def load(self) -> None:
        """Read the current state and the earlier state."""
        super().load()
        number, model, key = self.kwargs["number"], self.admin.model, str(self.record.pk)
        changes = record_changes(model, key).filter(change_set=number)
        if not visible(changes, self.request.user).exists():
            raise Http404
        self.change_set = ChangeSet.objects.get(pk=number)
        self.then, self.now = record_after(model, key, number), record_now(model, key)
        self.may_restore = self.admin.has_change_permission(self.request, self.record)
        self.unchanged: list[str] = []
        steps = steps_between(self.now, self.then)
        self.steps = without_publication([self._allowed(step) for step in steps])

    def shown(self) -> list[Model]:
        return [self.record]

    def success_url(self) -> str:
        return self.url_of("change")

    def cancel_url(self) -> str:
        return ""

    def context(self) -> Mapping[str, object]:
        user = self.request.user
        now, then = visible_rows(self.now, user), visible_rows(self.then, user)
        names = Names([*references_of_rows(now), *references_of_rows(then)])
        steps = [step for step in self.steps if may_see(user, step.model)]
        hide_reasons([self.change_set], user)
        is_seen = self.steps and self.may_restore and self.admin.is_seen(self.record)
        return {
            "change_set": self.change_set,
            "may_restore": self.may_restore,
            "impact": preview_impact(lambda: apply_steps(self.steps)) if is_seen else None,
            "groups": difference_groups(steps, now, names),
            "unchanged": list(dict.fromkeys(self.unchanged)),
            "state": describe_state(then, names),
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.may_restore:
            raise PermissionDenied
        return super().post(request, *args, **kwargs)

    def execute(self, form: HistoryForm) -> str:
        apply_steps(self.steps)
        return _("The earlier state was restored.")

    # Restoring needs the same permissions as the form of the record

    def _allowed(self, step: Step) -> Step:
        """Reduce a step to the allowed columns and list the labels of the other columns."""
        if not may_see(self.request.user, step.model):
            return step._replace(before={}, after={})
        if step.model is not self.admin.model._meta.concrete_model:
            return step if self._may_edit_list(step) else step._replace(before={}, after={})
        fields = fields_of(step.model)
        assert step.after is not None
        refused = [name for name in step.after if fields[name].name not in self._editable_fields()]
        self.unchanged += [field_label(fields[name]) for name in refused]
        return step._replace(after={k: v for k, v in step.after.items() if k not in refused})

    def _editable_fields(self) -> list[str]:
        admin, request = self.admin, self.request
        names = flatten_fieldsets(admin.get_fieldsets(request, self.record))
        readonly = admin.get_readonly_fields(request, self.record)
        return [name for name in names if name not in readonly]

    def _may_edit_list(self, step: Step) -> bool:
        """Return whether the user may change this row of a list."""
        field = list_field(step.model)
        allowed = field.name in self._editable_fields() if field else self._may_edit_part(step)
        if not allowed:
            self.unchanged.append(list_label(step.model))
        return allowed

    def _may_edit_part(self, step: Step) -> bool:
        """Return whether the form has an inline for the part, with the needed permission."""
        action = "add" if step.before is None else "delete" if step.after is None else "change"
        return any(
            getattr(inline, f"has_{action}_permission")(self.request, self.record)
            for inline in self.admin.get_inline_instances(self.request, self.record)
            if inline.model is step.model
        )
