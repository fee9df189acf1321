"""Optimistic locking: a save is refused if somebody else changed the record in between."""

from collections.abc import Iterable
from contextlib import suppress
from copy import copy
from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.admin.options import InlineModelAdmin
from django.contrib.admin.utils import unquote
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import SuspiciousOperation, ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import Max, Model, Q, QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from psf.database.record_version import bump_version, fingerprint, lock
from psf.history.tracking import is_tracked
from psf.history.words import Difference, DifferenceGroup
from psf.impact.preview import preview_impact
from psf.staff.edit_conflicts import (
    Conflict,
    RecentChange,
    changes_in,
    in_one_line,
    typed_values,
    unsavable_input,
    without_added_rows,
)
from psf.staff.inlines import has_too_many_rows
from psf.staff.opened_values import dump_base, load_base
from psf.staff.widgets import KnownChoices

LONGEST_NUMBER = 18  # digits of the largest integer of both databases


class RecordForm(KnownChoices):
    """The form of a record. A refused form is never valid."""

    is_refused = False

    def is_valid(self) -> bool:
        return super().is_valid() and not self.is_refused

    def namesake(self, field: str) -> Any:
        """Another record with the new value of a field, in capitals or not; None without one."""
        same = Q(**{f"{field}__iexact": self.cleaned_data[field]})
        others = type(self.instance)._base_manager.exclude(pk=self.instance.pk)
        return others.filter(same).first() if field in self.changed_data else None


class OptimisticLockAdmin(admin.ModelAdmin):
    """Forms and confirmations carry the version of the record.

    They also carry the number of the last entry in the history. Later entries show who changed
    the record since then.
    """

    form = RecordForm
    versioned_by: list[str] = []  # the fields that replace a version, for models without one

    def version_of(self, obj: Model) -> str:
        if self.versioned_by:
            return fingerprint(obj, self.versioned_by)
        return str(cast(Any, obj).version)

    # Who changed the record: from Django's log, for models without a history

    def last_entry(self, obj: Model) -> int:
        """Return the number of the last entry, 0 without any."""
        return LogEntry.objects.aggregate(last=Max("pk"))["last"] or 0

    def changes_after(self, request: HttpRequest, obj: Model, entry: int) -> list[RecentChange]:
        """Return the visible changes of the record after the entry, the oldest first."""
        entries = self._entries_of(str(obj.pk)).filter(pk__gt=entry)
        return changes_in(entries.exclude(action_flag=DELETION))

    def deletion_of(self, request: HttpRequest, object_id: str) -> list[RecentChange]:
        """Return who deleted the record and when; [] if unknown."""
        deletions = self._entries_of(object_id).filter(action_flag=DELETION).order_by("-pk")
        return changes_in(LogEntry.objects.filter(pk__in=deletions.values("pk")[:1]))

    def _entries_of(self, object_id: str) -> QuerySet[LogEntry]:
        types = ContentType.objects.get_for_models(self.model)
        return LogEntry.objects.filter(content_type__in=types.values(), object_id=object_id)

    # Saving

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, *args: Any
    ) -> HttpResponse:
        if request.method != "POST":
            return super().changeform_view(request, object_id, *args)
        if has_too_many_rows(request.POST):
            raise SuspiciousOperation("More rows than a form may have.")
        # After an IntegrityError the second attempt finds the cause and explains it in the form.
        for _attempt in range(2):
            with suppress(IntegrityError), transaction.atomic():
                return self.save_under_lock(request, object_id, *args)
        cast(Any, request).refusal = _(
            "Not saved: a related record was changed or deleted at the same time. "
            "Check this record, then save again."
        )
        return self.save_under_lock(request, object_id, *args)

    def save_under_lock(
        self, request: HttpRequest, object_id: str | None, *args: Any
    ) -> HttpResponse:
        obj = None
        if object_id is not None and self.has_change_permission(request):
            obj = self._locked(request, unquote(object_id))
            if obj is None:
                return self._show_deleted(request, unquote(object_id))
            # Before the form writes typed values into the record.
            stored = cast(Any, request).version = self.version_of(obj)
            self._refuse_unsavable(request, obj)
            version, _dot, entry = request.POST.get("version", "").partition(".")
            if version != stored:
                self._note_conflict(request, obj, self._changes(request, obj, entry))
        return self.process_form(request, obj, object_id, *args)

    def process_form(self, request: HttpRequest, obj: Model | None, *args: Any) -> HttpResponse:
        """Save the sent form, or show it again. `obj` is the locked record, None for a new one."""
        return super().changeform_view(request, *args)

    def _refuse_unsavable(self, request: HttpRequest, obj: Model) -> None:
        """Refuse input that the form would drop: the account may no longer change the part."""
        inlines = [inline(self.model, self.admin_site) for inline in self.get_inlines(request, obj)]
        locked = [
            inline.get_formset(request, obj)
            for inline in inlines
            if not inline.has_change_permission(request, obj)
        ]
        form = self.get_form(request, obj, change=True)
        if typed := unsavable_input(request.POST, form, locked):
            sentence = _(
                "Not saved: you may no longer change a part of this form. Copy this input if you "
                "need it, then save the rest. %(input)s"
            )
            cast(Any, request).refusal = sentence % {"input": "; ".join(typed)}
            cast(Any, request).POST = without_added_rows(request.POST, locked)

    def _note_conflict(self, request: HttpRequest, obj: Model, changes: list[RecentChange]) -> None:
        conflict = Conflict(changes, load_base(request.POST.get("base", "")))
        stored = self.get_form(request, obj, change=True)(instance=obj)
        cast(Any, request).POST = conflict.rebase_form_data(request.POST, stored)
        cast(Any, request).conflict = conflict

    def _locked(self, request: HttpRequest, object_id: str) -> Model | None:
        """Lock and return the current record; None if the list does not have it."""
        with suppress(ValidationError, ValueError):
            lock(self.model._base_manager.filter(pk=object_id).only("pk"))
        return self.get_object(request, object_id)

    def _changes(self, request: HttpRequest, obj: Model, last_entry: str) -> list[RecentChange]:
        if not last_entry.isdecimal() or len(last_entry) > LONGEST_NUMBER:
            return []
        return self.changes_after(request, obj, int(last_entry))

    def get_form(
        self, request: HttpRequest, obj: Model | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.is_refused = hasattr(request, "conflict") or hasattr(request, "refusal")
        return form

    def get_formset_kwargs(
        self, request: HttpRequest, obj: Model, inline: InlineModelAdmin, prefix: str
    ) -> dict[str, Any]:
        kwargs = super().get_formset_kwargs(request, obj, inline, prefix)
        conflict = getattr(request, "conflict", None)
        if conflict and inline.has_change_permission(request, obj):
            formset = inline.get_formset(request, obj)(
                instance=obj, prefix=prefix, queryset=kwargs["queryset"]
            )
            kwargs["data"] = conflict.rebase_formset_data(kwargs["data"], formset)
        return kwargs

    def save_related(
        self, request: HttpRequest, form: Any, formsets: Iterable[BaseInlineFormSet], change: bool
    ) -> None:
        if change:  # Django would compare unchanged lists of records again
            for name in form.cleaned_data.keys() - form.changed_data:
                del form.cleaned_data[name]
        super().save_related(request, form, formsets, change)
        changed = form.has_changed() or any(formset.has_changed() for formset in formsets)
        if change and changed and not self.versioned_by:
            bump_version(self.model, [form.instance.pk])
        if connection.vendor == "postgresql":
            # Earlier than at the commit, so that the form can still answer. SQLite has one writer.
            connection.check_constraints()

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        form, formsets = context["adminform"].form, context["inline_admin_formsets"]
        if obj := kwargs.get("obj"):
            context["base"] = dump_base(form, [inline.formset for inline in formsets])
            version = getattr(request, "version", None) or self.version_of(obj)
            context["version"] = f"{version}.{self.last_entry(obj)}"
        context["refusal"] = getattr(request, "refusal", "")
        if conflict := getattr(request, "conflict", None):
            context["conflict"] = conflict
            context["groups"] = conflict.groups(form, formsets)
        return super().render_change_form(request, context, *args, **kwargs)

    def _show_deleted(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show the typed values to copy. Saving them would restore the deleted record."""
        form = self.get_form(request)(request.POST)
        groups = [DifferenceGroup("", typed_values(form))]
        for formset_class, inline in self.get_formsets_with_inlines(request):
            prefix = formset_class.get_default_prefix()
            kwargs = self.get_formset_kwargs(request, form.instance, inline, prefix)
            rows = [in_one_line(typed_values(row)) for row in formset_class(**kwargs).forms]
            name = capfirst(str(inline.verbose_name_plural))
            groups.append(DifferenceGroup(name, [Difference("", "", row) for row in rows if row]))
        context = {
            **self.admin_site.each_context(request),
            "title": _("This %(kind)s is no longer in this list")
            % {"kind": self.opts.verbose_name},
            "opts": self.opts,
            "changes": self.deletion_of(request, object_id),
            "groups": [group for group in groups if group.differences],
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/gone.html", context)

    # Deleting: the confirmation names the versions that its page showed

    def _versions(self, objs: Iterable[Model]) -> list[str]:
        return [f"{obj.pk}:{self.version_of(obj)}" for obj in objs]

    def _changed_since_shown(self, objs: Iterable[Model], request: HttpRequest) -> list[Model]:
        """Return the records that changed since the page that asks for confirmation."""
        confirmed = "action" not in request.POST or "post" in request.POST
        if request.method != "POST" or not confirmed:
            return []
        records = lock(self.model._base_manager.filter(pk__in=[obj.pk for obj in objs]))
        versions = request.POST.getlist("version")
        return [obj for obj in records if self._versions([obj])[0] not in versions]

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, Any, Any]:
        changed = self._changed_since_shown(objs, request)
        deleted, counts, lacking, protected = super().get_deleted_objects(objs, request)
        reason = _("“%(record)s” was changed after this page was opened. Check the page again.")
        reasons = [reason % {"record": obj} for obj in changed]
        return deleted, counts, lacking, protected or reasons

    def _has_readers(self) -> bool:
        """Whether readers ever see these records. Accounts are never public."""
        return is_tracked(cast(type[Model], self.opts.concrete_model))

    def render_delete_form(self, request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
        context["versions"] = self._versions([context["object"]])
        if self._has_readers() and not context["protected"]:
            context["impact"] = preview_impact(copy(context["object"]).delete)
        return super().render_delete_form(request, context)

    def response_action(self, request: HttpRequest, queryset: QuerySet, *args: Any) -> Any:
        with transaction.atomic():
            response = super().response_action(request, queryset, *args)
        if isinstance(response, TemplateResponse):
            assert response.context_data is not None
            records = response.context_data["queryset"]
            response.context_data["versions"] = self._versions(records)
            if self._has_readers() and not response.context_data["protected"]:
                response.context_data["impact"] = preview_impact(records.all().delete)
        return response
