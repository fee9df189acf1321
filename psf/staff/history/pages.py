"""The pages of a record's history: what happened, a state as it was, what was deleted."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef
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
from psf.history.restore import Step, apply_steps, steps_between, without_publication
from psf.history.states import read_row, record_after, record_changes, record_now
from psf.history.tracking import fields_of, kind_of, parent_columns
from psf.history.undo import restore_blockers
from psf.history.wording import Names, field_label, qualified_name, sentences_by_change_set

SETS_A_PAGE = 25
RECORDS_A_PAGE = 50


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=recording.REASON_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("For the history; readers never see it."),
    )


def page_of(request: HttpRequest, rows: Any, per_page: int) -> Any:
    return Paginator(rows, per_page).get_page(request.GET.get("page"))


def answer(admin: Any, request: HttpRequest, template: str, context: dict[str, Any]) -> Any:
    request.current_app = admin.admin_site.name
    base = {**admin.admin_site.each_context(request), "opts": admin.opts, "ours": admin.opts}
    return TemplateResponse(request, f"admin/history/{template}.html", base | context)


def history(admin: Any, request: HttpRequest, key: str) -> HttpResponse:
    """All that happened to a record, what was saved together in one, the newest first."""
    if not admin.has_view_permission(request):
        raise PermissionDenied
    every = record_changes(admin.model, key)
    page = page_of(
        request, ChangeSet.objects.filter(pk__in=every.order_by().values("change_set")), SETS_A_PAGE
    )
    obj = record_of(admin, key)
    if obj is None and not page.object_list:
        raise Http404
    told = sentences_by_change_set(list(every.filter(change_set__in=[each.pk for each in page])))
    context = {
        "title": _("History: %(record)s") % {"record": title_of(admin, key, obj)},
        "record": obj,
        "key": key,
        "page": page,
        "entries": [(each, told[each.pk], admin.page_url("state", key, each.pk)) for each in page],
    }
    return answer(admin, request, "record", context)


def record_of(admin: Any, key: str) -> Any:
    """The record as it is now, whatever list it stands in; None if it is not there."""
    try:
        return admin.model._base_manager.filter(pk=key).first()
    except (ValueError, ValidationError):
        raise Http404 from None


def title_of(admin: Any, key: str, obj: Any) -> str:
    kind = kind_of(admin.model)
    return str(obj) if obj else Names([(kind, key)]).of(kind, key)


def deleted(admin: Any, request: HttpRequest) -> HttpResponse:
    """The records of this kind that were deleted, the latest first."""
    if not admin.has_view_permission(request):
        raise PermissionDenied
    model, kind = admin.model, kind_of(admin.model)
    deletions = Change.objects.filter(kind=kind, action=Action.DELETED)
    there = model._base_manager.filter(pk=Cast(OuterRef("key"), model._meta.pk))
    later = deletions.filter(key=OuterRef("key"), pk__gt=OuterRef("pk"))
    gone = deletions.exclude(Exists(there)).exclude(Exists(later)).select_related("change_set")
    page = page_of(request, gone.order_by("-pk"), RECORDS_A_PAGE)
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
    return answer(admin, request, "deleted", context)


class StatePage:
    """A record as a set of changes left it, and the way to bring that back."""

    def __init__(self, admin: Any, request: HttpRequest, key: str, number: int) -> None:
        if not admin.has_view_permission(request):
            raise PermissionDenied
        self.admin, self.request, self.key = admin, request, key
        try:
            self.change_set = ChangeSet.objects.get(pk=number)
            self.look()
        except (ChangeSet.DoesNotExist, Change.DoesNotExist):
            raise Http404 from None

    def look(self) -> None:
        """Read what is now and what was then."""
        self.obj = record_of(self.admin, self.key)
        self.version = self.admin.version_of(self.obj) if self.obj else ""
        self.elsewhere = [] if self.obj else restore_blockers(self.admin.model, self.key)
        self.now = record_now(self.admin.model, self.key)
        self.then = record_after(self.admin.model, self.key, self.change_set.pk)
        self.stays: list[str] = []
        self.steps = [
            allowed
            for step in steps_between(self.now, self.then)
            for allowed in without_publication([self._allowed(step)])
        ]

    def answer(self) -> HttpResponse:
        form = ReasonForm(self.request.POST if self.request.method == "POST" else None)
        if form.is_bound and not self.may_restore():
            raise PermissionDenied
        if form.is_bound and form.is_valid():
            try:
                self._restore(form.cleaned_data["reason"])
            except ValidationError as error:
                form.add_error(None, error)
            else:
                self.admin.message_user(
                    self.request, _("The earlier state is back."), messages.SUCCESS
                )
                return redirect(self.admin.page_url("change", self.key))
        return self._page(form)

    def _page(self, form: ReasonForm) -> HttpResponse:
        names = names_in(self.now, self.then)
        title = title_of(self.admin, self.key, self.obj)
        context = {
            "title": _("Earlier state: %(record)s") % {"record": title},
            "record": self.obj,
            "key": self.key,
            "change_set": self.change_set,
            "version": self.version,
            "form": form,
            "may_restore": self.may_restore(),
            "elsewhere": self.elsewhere,
            "groups": difference_groups(self.steps, self.now, names),
            "stays": list(dict.fromkeys(self.stays)),
            "portrait": describe_state(self.then, names),
        }
        return answer(self.admin, self.request, "state", context)

    def _restore(self, reason: str) -> None:
        with recording.change_set(self.request.user, channel=Channel.RESTORE, reason=reason):
            lock(self.admin.model._base_manager.filter(pk=self.key))
            self.look()
            if self.elsewhere:
                raise ValidationError([each.sentence for each in self.elsewhere])
            if self.request.POST.get("version") != self.version:
                raise ValidationError(
                    _("What you were shown has changed, so nothing was done: look at it again.")
                )
            apply_steps(self.steps)

    # What this person may do: what the form of the record lets them

    def may_restore(self) -> bool:
        admin, request = self.admin, self.request
        if self.obj:
            return admin.has_change_permission(request, self.obj)
        return admin.has_add_permission(request) and admin.has_delete_permission(request)

    def _allowed(self, step: Step) -> Step:
        """What of the step this person may take; the rest is noted as staying."""
        if self.obj is None:
            return step
        if step.model is not self.admin.model._meta.concrete_model:
            return step if self._may_list(step) else step._replace(before={}, after={})
        fields = fields_of(step.model)
        assert step.after is not None
        kept = [name for name in step.after if fields[name].name not in self._fields()]
        self.stays += [field_label(fields[name]) for name in kept]
        return step._replace(after={k: v for k, v in step.after.items() if k not in kept})

    def _fields(self) -> list[str]:
        admin, request = self.admin, self.request
        shown = flatten_fieldsets(admin.get_fieldsets(request, self.obj))
        readonly = admin.get_readonly_fields(request, self.obj)
        return [name for name in shown if name not in readonly]

    def _may_list(self, step: Step) -> bool:
        """Whether the rows of a list may be changed so."""
        if owner := step.model._meta.auto_created:
            through = {f.remote_field.through: f for f in owner._meta.local_many_to_many}
            field = through[step.model]
            allowed, label = field.name in self._fields(), field_label(field)
        else:
            allowed, label = self._may_part(step), capfirst(step.model._meta.verbose_name_plural)
        if not allowed:
            self.stays.append(label)
        return allowed

    def _may_part(self, step: Step) -> bool:
        """Whether the form has such parts, and lets this person do that to one of them."""
        act = "add" if step.before is None else "delete" if step.after is None else "change"
        return any(
            getattr(inline, f"has_{act}_permission")(self.request, self.obj)
            for inline in self.admin.get_inline_instances(self.request, self.obj)
            if inline.model is step.model
        )
