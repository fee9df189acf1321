"""The pages of a record's history: changes, an earlier state, deleted records."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Page, Paginator
from django.db.models import Exists, Model, OuterRef, QuerySet
from django.db.models.functions import Cast
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from psf.database.record_version import lock
from psf.history import recording
from psf.history.diffs import describe_state, difference_groups, names_in
from psf.history.models import Action, Change, ChangeSet, Channel
from psf.history.names import Names, qualified_name
from psf.history.restore import Step, apply_steps, steps_between, without_publication
from psf.history.states import read_row, record_after, record_changes, record_now
from psf.history.tracking import fields_of, kind_of, owner_model, parent_columns
from psf.history.undo import restore_blockers
from psf.history.values import field_label
from psf.history.visibility import hide_reasons, may_see, visible, visible_rows
from psf.history.wording import sentences_by_change_set
from psf.staff.action_forms import StaffForm

if TYPE_CHECKING:
    from psf.staff.history.record_admin import HistoryAdmin

SETS_A_PAGE = 25
RECORDS_A_PAGE = 50


class HistoryReasonForm(StaffForm):
    form_id = "history_form"
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=recording.REASON_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Kept in the history. Readers never see the reason."),
    )


class RestoreForm(HistoryReasonForm):
    button = gettext_lazy("Restore this state")


def page_of(request: HttpRequest, rows: QuerySet, per_page: int) -> Page:
    return Paginator(rows, per_page).get_page(request.GET.get("page"))


def render_history(
    admin: ModelAdmin, request: HttpRequest, template: str, context: dict[str, Any]
) -> HttpResponse:
    request.current_app = admin.admin_site.name
    base = {**admin.admin_site.each_context(request), "opts": admin.opts, "ours": admin.opts}
    return TemplateResponse(request, f"admin/history/{template}.html", base | context)


def record_history(admin: "HistoryAdmin", request: HttpRequest, key: str) -> HttpResponse:
    """Show the changes of a record by change set, the newest first."""
    if not admin.has_view_permission(request):
        raise PermissionDenied
    changes = visible(record_changes(admin.model, key), request.user)
    page = page_of(
        request,
        ChangeSet.objects.filter(pk__in=changes.order_by().values("change_set")),
        SETS_A_PAGE,
    )
    obj = record_of(admin, key)
    if obj is None and not page.object_list:
        raise Http404
    sets = list(page)
    hide_reasons(sets, request.user)
    sentences = sentences_by_change_set(list(changes.filter(change_set__in=sets)))
    context = {
        "title": _("History: %(record)s") % {"record": title_of(admin, key, obj)},
        "record": obj,
        "key": key,
        "page": page,
        "entries": [(row, sentences[row.pk], admin.page_url("state", key, row.pk)) for row in sets],
    }
    return render_history(admin, request, "record", context)


def record_of(admin: ModelAdmin, key: str) -> Model | None:
    """Return the record, even if the list of the admin does not show it; None if missing."""
    try:
        return admin.model._base_manager.filter(pk=key).first()
    except (ValueError, ValidationError):
        raise Http404 from None


def title_of(admin: ModelAdmin, key: str, obj: Model | None) -> str:
    kind = kind_of(admin.model)
    return str(obj) if obj else Names([(kind, key)]).of(kind, key)


def deleted_records(admin: "HistoryAdmin", request: HttpRequest) -> HttpResponse:
    """Show the deleted records of a model, the last deleted first."""
    if not admin.has_view_permission(request):
        raise PermissionDenied
    model, kind = admin.model, kind_of(admin.model)
    deletions = Change.objects.filter(kind=kind, action=Action.DELETED)
    existing = model._base_manager.filter(pk=Cast(OuterRef("key"), model._meta.pk))
    later = deletions.filter(key=OuterRef("key"), pk__gt=OuterRef("pk"))
    gone = deletions.exclude(Exists(existing)).exclude(Exists(later)).select_related("change_set")
    page = page_of(request, gone.order_by("-pk"), RECORDS_A_PAGE)
    hide_reasons([change.change_set for change in page], request.user)
    rows = [read_row(model, change.old()) for change in page]
    names = Names(
        (parent, str(row[column]))
        for row in rows
        for parent, column in parent_columns(model)
        if row[column]
    )
    context = {
        "title": _("Deleted: %(kind)s") % {"kind": admin.opts.verbose_name_plural},
        "page": page,
        "entries": [
            (qualified_name(model, row, names), c, admin.page_url("state", c.key, c.change_set_id))
            for row, c in zip(rows, page, strict=True)
        ],
    }
    return render_history(admin, request, "deleted", context)


class StatePage:
    """A record after a change set, with a form to restore this state."""

    def __init__(self, admin: "HistoryAdmin", request: HttpRequest, key: str, number: int) -> None:
        if not admin.has_view_permission(request):
            raise PermissionDenied
        self.admin, self.request, self.key = admin, request, key
        changes = record_changes(admin.model, key).filter(change_set=number)
        if not visible(changes, request.user).exists():
            raise Http404
        self.change_set = ChangeSet.objects.get(pk=number)
        self.load()

    def load(self) -> None:
        """Read the current state and the earlier state."""
        self.obj = record_of(self.admin, self.key)
        self.version = self.admin.version_of(self.obj) if self.obj else ""
        self.blockers = [] if self.obj else restore_blockers(self.admin.model, self.key)
        self.now = record_now(self.admin.model, self.key)
        self.then = record_after(self.admin.model, self.key, self.change_set.pk)
        self.unchanged: list[str] = []
        self.steps = [
            allowed
            for step in steps_between(self.now, self.then)
            for allowed in without_publication([self._allowed(step)])
        ]

    def response(self) -> HttpResponse:
        form = RestoreForm(self.request.POST if self.request.method == "POST" else None)
        if form.is_bound and not self.may_restore():
            raise PermissionDenied
        if form.is_bound and form.is_valid():
            try:
                self._restore(form.cleaned_data["reason"])
            except ValidationError as error:
                form.add_error(None, error)
            else:
                self.admin.message_user(
                    self.request, _("The earlier state was restored."), messages.SUCCESS
                )
                return redirect(self.admin.page_url("change", self.key))
        return self._page(form)

    def _page(self, form: RestoreForm) -> HttpResponse:
        form.version = self.version
        now, then = (visible_rows(rows, self.request.user) for rows in [self.now, self.then])
        names = names_in(now, then)
        hide_reasons([self.change_set], self.request.user)
        title = title_of(self.admin, self.key, self.obj)
        steps = [step for step in self.steps if may_see(self.request.user, step.model)]
        context = {
            "title": _("Earlier state: %(record)s") % {"record": title},
            "record": self.obj,
            "key": self.key,
            "change_set": self.change_set,
            "form": form,
            "may_restore": self.may_restore(),
            "blockers": self.blockers,
            "groups": difference_groups(steps, now, names),
            "unchanged": list(dict.fromkeys(self.unchanged)),
            "state": describe_state(then, names),
        }
        return render_history(self.admin, self.request, "state", context)

    def _restore(self, reason: str) -> None:
        with recording.change_set(self.request.user, channel=Channel.RESTORE, reason=reason):
            lock(self.admin.model._base_manager.filter(pk=self.key))
            self.load()
            if self.blockers:
                raise ValidationError([blocker.sentence for blocker in self.blockers])
            if self.request.POST.get("version", "") != self.version:
                raise ValidationError(
                    _("Not restored: the record has changed since you opened this page.")
                )
            apply_steps(self.steps)

    # Restoring needs the same permissions as the form of the record

    def may_restore(self) -> bool:
        admin, request = self.admin, self.request
        if self.obj:
            return admin.has_change_permission(request, self.obj)
        return admin.has_add_permission(request) and admin.has_delete_permission(request)

    def _allowed(self, step: Step) -> Step:
        """Reduce a step to the allowed columns and list the labels of the other columns."""
        if self.obj is None:
            return step
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
        names = flatten_fieldsets(admin.get_fieldsets(request, self.obj))
        readonly = admin.get_readonly_fields(request, self.obj)
        return [name for name in names if name not in readonly]

    def _may_edit_list(self, step: Step) -> bool:
        """Return whether the user may change this row of a list."""
        if owner := owner_model(step.model):
            through = {f.remote_field.through: f for f in owner._meta.local_many_to_many}
            field = through[step.model]
            allowed, label = field.name in self._editable_fields(), field_label(field)
        else:
            allowed, label = (
                self._may_edit_part(step),
                capfirst(str(step.model._meta.verbose_name_plural)),
            )
        if not allowed:
            self.unchanged.append(label)
        return allowed

    def _may_edit_part(self, step: Step) -> bool:
        """Return whether the form has an inline for the part, with the needed permission."""
        action = "add" if step.before is None else "delete" if step.after is None else "change"
        return any(
            getattr(inline, f"has_{action}_permission")(self.request, self.obj)
            for inline in self.admin.get_inline_instances(self.request, self.obj)
            if inline.model is step.model
        )
