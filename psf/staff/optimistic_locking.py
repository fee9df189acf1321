"""The staff's pages lose no change: of two people who write to one record, the second is told."""

from contextlib import suppress
from copy import copy
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.admin.utils import unquote
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import Max, Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from psf.database.record_version import bump_version, fingerprint, lock
from psf.history.tracking import is_tracked
from psf.impact.preview import preview_impact
from psf.staff.edit_conflicts import (
    Change,
    Conflict,
    Difference,
    DifferenceGroup,
    changes_in,
    in_one_line,
    typing,
)

LONGEST_NUMBER = 18  # digits of what both databases hold as a number


class RecordForm(forms.ModelForm):
    """The form of a record. A refused one saves nothing, whatever it says."""

    is_refused = False

    def is_valid(self) -> bool:
        return super().is_valid() and not self.is_refused


class OptimisticLockAdmin(admin.ModelAdmin):
    """A form carries the version of the record that it showed, and so does each confirmation.

    With that goes the number of the last entry of the history, so that the later ones tell
    who changed what meanwhile.
    """

    form = RecordForm
    versioned_by: list[str] = []  # for kinds without a version: the fields that stand for it

    def version_of(self, obj: Any) -> str:
        return fingerprint(obj, self.versioned_by) if self.versioned_by else str(obj.version)

    # Who changed what: from the entries of Django's log, where nothing better is kept

    def last_entry(self, obj: Any) -> int:
        """The number of the last entry of the history, 0 without any."""
        return LogEntry.objects.aggregate(last=Max("pk"))["last"] or 0

    def changes_after(self, obj: Any, entry: int) -> list[Change]:
        """What was done to the record after that entry, the oldest first."""
        entries = self._entries_of(str(obj.pk)).filter(pk__gt=entry)
        return changes_in(entries.exclude(action_flag=DELETION))

    def deletion_of(self, object_id: str) -> list[Change]:
        """Who deleted the record and when; [] where that is not known."""
        deletions = self._entries_of(object_id).filter(action_flag=DELETION).order_by("-pk")
        return changes_in(LogEntry.objects.filter(pk__in=deletions.values("pk")[:1]))

    def _entries_of(self, object_id: str) -> QuerySet[LogEntry]:
        types = ContentType.objects.get_for_models(self.model)
        return LogEntry.objects.filter(content_type__in=types.values(), object_id=object_id)

    # Saving

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if request.method != "POST":
            return super().changeform_view(request, object_id, form_url, extra_context)
        # The second time the form sees, and says in words, what only the database saw before.
        for _attempt in range(2):
            with suppress(IntegrityError), transaction.atomic():
                return self.save_under_lock(request, object_id, form_url, extra_context)
        cast(Any, request).refusal = _(
            "Nothing was saved: somebody has just saved or deleted something on which this "
            "depends. Look at the record again, then save."
        )
        return self.save_under_lock(request, object_id, form_url, extra_context)

    def save_under_lock(
        self, request: HttpRequest, object_id: str | None, *args: Any
    ) -> HttpResponse:
        if object_id is not None and self.has_change_permission(request):
            obj = self._locked(request, unquote(object_id))
            if obj is None:
                return self._say_it_is_gone(request, unquote(object_id))
            # Now: a form writes what was typed into the record that it was given.
            cast(Any, request).version = self._token(obj)
            version, _dot, entry = request.POST.get("version", "").partition(".")
            if version != self.version_of(obj):
                cast(Any, request).conflict = Conflict(self._changes(obj, entry))
        return super().changeform_view(request, object_id, *args)

    def _locked(self, request: HttpRequest, object_id: str) -> Any:
        """The record as it is now; None if it is not in this list, or not any more."""
        with suppress(ValidationError, ValueError):
            lock(self.model._base_manager.filter(pk=object_id))
        return self.get_object(request, object_id)

    def _changes(self, obj: Any, last_entry: str) -> list[Change]:
        if not last_entry.isdecimal() or len(last_entry) > LONGEST_NUMBER:
            return []
        return self.changes_after(obj, int(last_entry))

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.is_refused = hasattr(request, "conflict") or hasattr(request, "refusal")
        return form

    def get_formset_kwargs(
        self, request: HttpRequest, obj: Any, inline: Any, prefix: str
    ) -> dict[str, Any]:
        kwargs = super().get_formset_kwargs(request, obj, inline, prefix)
        conflict = getattr(request, "conflict", None)
        if conflict and inline.has_change_permission(request, obj):
            stored = inline.get_formset(request, obj)(
                instance=obj, prefix=prefix, queryset=kwargs["queryset"]
            )
            kwargs["data"] = conflict.rebase_formset_data(kwargs["data"], stored)
        return kwargs

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        changed = form.has_changed() or any(formset.has_changed() for formset in formsets)
        if change and changed and not self.versioned_by:
            bump_version(self.model, [form.instance.pk])
        if connection.vendor == "postgresql":
            # Now, while the form can still answer. SQLite has one writer at a time.
            connection.check_constraints()

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if obj := kwargs.get("obj"):
            context["version"] = getattr(request, "version", None) or self._token(obj)
        context["refusal"] = getattr(request, "refusal", "")
        if conflict := getattr(request, "conflict", None):
            form, parts = context["adminform"].form, context["inline_admin_formsets"]
            context["conflict"] = conflict
            context["groups"] = conflict.groups(form, parts)
        return super().render_change_form(request, context, *args, **kwargs)

    def _token(self, obj: Any) -> str:
        return f"{self.version_of(obj)}.{self.last_entry(obj)}"

    def _say_it_is_gone(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What was typed, to be copied from: saving it would bring back what was deleted."""
        form = self.get_form(request)(request.POST)
        groups = [DifferenceGroup("", typing(form))]
        for formset_class, inline in self.get_formsets_with_inlines(request):
            prefix = formset_class.get_default_prefix()
            kwargs = self.get_formset_kwargs(request, form.instance, inline, prefix)
            rows = [in_one_line(typing(row)) for row in formset_class(**kwargs).forms]
            name = capfirst(str(inline.verbose_name_plural))
            groups.append(DifferenceGroup(name, [Difference("", "", row) for row in rows if row]))
        context = {
            **self.admin_site.each_context(request),
            "title": _("This %(kind)s is not here any more") % {"kind": self.opts.verbose_name},
            "opts": self.opts,
            "changes": self.deletion_of(object_id),
            "groups": [group for group in groups if group.differences],
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/gone.html", context)

    # Deleting: what is confirmed is what was shown

    def _shown(self, objs: Any) -> list[str]:
        return [f"{obj.pk}:{self.version_of(obj)}" for obj in objs]

    def _changed_since_shown(self, objs: Any, request: HttpRequest) -> list[Any]:
        """Those of the records that were changed after the page that asks about them was made."""
        confirmed = "action" not in request.POST or "post" in request.POST
        if request.method != "POST" or not confirmed:
            return []
        records = lock(self.model._base_manager.filter(pk__in=[obj.pk for obj in objs]))
        shown = request.POST.getlist("version")
        return [obj for obj in records if self._shown([obj])[0] not in shown]

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        changed = self._changed_since_shown(objs, request)
        deleted, counts, lacking, protected = super().get_deleted_objects(objs, request)
        reason = _("“%(record)s” was changed after you were shown it: look at it again.")
        reasons = [reason % {"record": obj} for obj in changed]
        return deleted, counts, lacking, protected or reasons

    def _has_readers(self) -> bool:
        """Whether anything of these records is ever public: nothing is of an account."""
        return is_tracked(cast(type[Model], self.opts.concrete_model))

    def render_delete_form(self, request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
        context["versions"] = self._shown([context["object"]])
        if self._has_readers() and not context["protected"]:
            context["impact"] = preview_impact(copy(context["object"]).delete)
        return super().render_delete_form(request, context)

    def response_action(self, request: HttpRequest, queryset: QuerySet, *args: Any) -> Any:
        with transaction.atomic():
            response = super().response_action(request, queryset, *args)
        if isinstance(response, TemplateResponse):
            assert response.context_data is not None
            records = response.context_data["queryset"]
            response.context_data["versions"] = self._shown(records)
            if self._has_readers() and not response.context_data["protected"]:
                response.context_data["impact"] = preview_impact(records.all().delete)
        return response
