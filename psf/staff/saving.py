"""The save of a record's form: checked against colleagues' changes, previewed, then stored."""

from collections.abc import Callable, Iterator
from copy import copy
from typing import Any, cast

from django.contrib import messages
from django.contrib.admin import helpers
from django.contrib.admin.exceptions import DisallowedModelAdminToField
from django.contrib.admin.options import IS_POPUP_VAR, TO_FIELD_VAR, InlineModelAdmin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import Model
from django.forms import ModelForm, all_valid
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from psf.database.record_version import bump_version
from psf.history.models import Channel
from psf.history.words import Difference, DifferenceGroup
from psf.impact.preview import Preview, save_or_preview
from psf.staff.edit_conflicts import (
    Conflict,
    changes_after,
    deletion,
    in_one_line,
    typed_values,
    unsavable_input,
    without_added_rows,
)

SAVE_BUTTONS = ["_continue", "_addanother"]  # besides "_save"
Rows = tuple[BaseInlineFormSet, InlineModelAdmin]


class Save:
    """One attempt to save the form that was sent for a record, or for a new one.

    `refusal` says why nothing is saved, whatever was sent. A save that fails with an
    IntegrityError is over: another attempt needs another object.
    """

    record: Any = None  # locked; None for a new record
    version = ""  # of the stored record
    conflict: Conflict | None = None
    preview: Preview | None = None

    def __init__(
        self, admin: Any, request: HttpRequest, object_id: str | None, refusal: str = ""
    ) -> None:
        self.admin, self.request, self.refusal = admin, request, refusal
        self.key = None if object_id is None else unquote(object_id)
        self.data: QueryDict = request.POST

    @property
    def is_change(self) -> bool:
        return self.key is not None

    def answer(self) -> HttpResponse:
        """Save the form and lead to the next page, or show the form again. In a transaction."""
        with self.admin.recording(self.request, Channel.FORM):
            if not self.open_record():
                return self.show_gone()
            if self.is_change:
                self.refuse_unsavable()
                self.note_conflict()
            if not self.is_valid() or self.refusal or self.conflict:
                return self.show_form()
            if self.is_change and self.admin.is_seen(self.record):
                is_asked = "_preview" in self.request.POST
                confirmation = None if is_asked else self.request.POST.get("confirmation", "")
                outcome = save_or_preview(self.store, confirmation)
                if isinstance(outcome, Preview):
                    self.preview = outcome
                    self._forget_stored()
                    return self.show_form()
            else:
                self.store()
            return self.next_page()

    # Before the form writes typed values into the record

    def open_record(self) -> bool:
        """Check the permissions, and lock the record. Return False if the list has no such record.

        Raises PermissionDenied.
        """
        admin, request = self.admin, self.request
        to_field = request.POST.get(TO_FIELD_VAR, request.GET.get(TO_FIELD_VAR))
        if to_field and not admin.to_field_allowed(request, to_field):
            raise DisallowedModelAdminToField(f"The field {to_field} cannot be referenced.")
        self.to_field = to_field
        is_allowed = admin.has_change_permission if self.is_change else admin.has_add_permission
        if not is_allowed(request):
            raise PermissionDenied
        if not self.is_change:
            return True
        self.record = admin.locked(request, self.key)
        if self.record is None:
            return False
        if not admin.has_change_permission(request, self.record):
            raise PermissionDenied
        self.version = admin.version_of(self.record)
        return True

    def refuse_unsavable(self) -> None:
        """Refuse input that the form would drop: the account may no longer change the part."""
        admin, request, record = self.admin, self.request, self.record
        parts = admin.get_inlines(request, record)  # also those that the account no longer sees
        inlines = [part(admin.model, admin.admin_site) for part in parts]
        locked = [
            inline.get_formset(request, record)
            for inline in inlines
            if not inline.has_change_permission(request, record)
        ]
        if typed := unsavable_input(self.data, self.form_class, locked):
            sentence = _(
                "Not saved: you may no longer change a part of this form. Copy this input if you "
                "need it, then save the rest. %(input)s"
            )
            self.refusal = sentence % {"input": "; ".join(typed)}
            self.data = without_added_rows(self.data, locked)

    def note_conflict(self) -> None:
        """Merge the changes of somebody else into the sent data, if the version differs."""
        version, _dot, entry = self.data.get("version", "").partition(".")
        if version == self.version:
            return
        stored_form = self.form_class(instance=self.record)
        rows = [
            formset
            for formset, inline in self._rows(self.record)
            if inline.has_change_permission(self.request, self.record)
        ]
        changes = changes_after(entry, self.admin.model, self.record.pk, self.request.user)
        self.conflict = Conflict(changes, self.data, stored_form, rows)
        self.data = self.conflict.data

    # The form and its rows

    @cached_property
    def form_class(self) -> type[ModelForm]:
        admin_form = self.admin.get_form(self.request, self.record, change=self.is_change)
        return cast(type[ModelForm], admin_form)

    def _rows(self, record: Model, *sent: Any) -> Iterator[Rows]:
        """Yield each list of rows of the form, with the sent data if given."""
        records = [self.record] if self.record else []
        for formset_class, inline in self.admin.get_formsets_with_inlines(self.request, *records):
            queryset, prefix = inline.get_queryset(self.request), formset_class.get_default_prefix()
            yield formset_class(*sent, instance=record, prefix=prefix, queryset=queryset), inline

    def is_valid(self) -> bool:
        """Validate the form, which fills in the record, and then the rows, which may read it."""
        sent = (self.data, self.request.FILES)
        self.form = self.form_class(*sent, instance=self.record)
        self.rows = list(self._rows(self.form.instance, *sent))
        for formset, inline in self.rows:
            if not inline.has_change_permission(self.request, self.record):
                for row in formset.initial_forms:
                    cast(Any, row).keep()
        is_valid = all([self.form.is_valid(), all_valid(self.formsets)])
        rows = [row.instance for formset in self.formsets for row in formset.forms]
        self._typed = [(row, copy(row)) for row in [self.form.instance, *rows]]
        return is_valid

    @property
    def formsets(self) -> list[BaseInlineFormSet]:
        return [formset for formset, _inline in self.rows]

    # Storing

    def store(self) -> None:
        """Write the record and its rows. It may run again after its changes were rolled back."""
        self._forget_stored()
        admin, request, form = self.admin, self.request, self.form
        record = admin.save_form(request, form, change=self.is_change)
        admin.save_model(request, record, form, self.is_change)
        admin.save_related(request, form, self.formsets, self.is_change)
        has_changed = form.has_changed() or any(rows.has_changed() for rows in self.formsets)
        if self.is_change and has_changed and not admin.versioned_by:
            bump_version(admin.model, [record.pk])
        if connection.vendor == "postgresql":
            # Earlier than at the commit, so that the form can still answer. SQLite has one writer.
            connection.check_constraints()

    def _forget_stored(self) -> None:
        """Give the record and its rows their typed values again, without keys rolled back.

        A deleted row has no key, and would not be deleted again.
        """
        for row, typed in self._typed:
            vars(row).clear()
            vars(row).update(cast(Any, typed).__getstate__())

    def next_page(self) -> HttpResponse:
        """The entry in the log, the warnings and the next page. The save stays."""
        admin, request, record = self.admin, self.request, self.form.instance
        done = admin.construct_change_message(request, self.form, self.formsets, not self.is_change)
        log: Callable[..., object] = admin.log_change if self.is_change else admin.log_addition
        log(request, record, done)
        for warning in admin.saved_warnings(record):
            admin.message_user(request, warning, messages.WARNING)
        respond = admin.response_change if self.is_change else admin.response_add
        return cast(HttpResponse, respond(request, record))

    # Showing the form again

    def show_form(self) -> HttpResponse:
        """The form that was sent, with what staff must know about it, as Django shows a form."""
        admin, request, record = self.admin, self.request, self.record
        admin_form = helpers.AdminForm(
            self.form,
            list(admin.get_fieldsets(request, record)),
            admin.get_prepopulated_fields(request, record),
            admin.get_readonly_fields(request, record),
            model_admin=admin,
        )
        inlines = [inline for _formset, inline in self.rows]
        rows = admin.get_inline_formsets(request, self.formsets, inlines, record)
        media = admin.media + admin_form.media
        for formset in rows:
            media += formset.media
        title = _("Change %s") if self.is_change else _("Add %s")
        context = {
            **admin.admin_site.each_context(request),
            "title": title % admin.opts.verbose_name,
            "subtitle": str(record) if record else None,
            "adminform": admin_form,
            "object_id": self.key,
            "original": record,
            "is_popup": IS_POPUP_VAR in request.POST or IS_POPUP_VAR in request.GET,
            "to_field": self.to_field,
            "media": media,
            "inline_admin_formsets": rows,
            "errors": helpers.AdminErrorList(self.form, self.formsets),
            "preserved_filters": admin.get_preserved_filters(request),
            "stored_version": self.version,
            "refusal": self.refusal,
            **self._findings(rows),
        }
        return cast(
            HttpResponse,
            admin.render_change_form(
                request, context, add=not self.is_change, change=self.is_change, obj=record
            ),
        )

    def _findings(self, rows: list[helpers.InlineAdminFormSet]) -> dict[str, object]:
        """What somebody else changed, or what readers will see change."""
        if self.conflict:
            groups = self.conflict.groups(self.form, rows)
            return {"conflict": self.conflict, "groups": groups}
        if not self.preview:
            return {}
        button = next((name for name in SAVE_BUTTONS if name in self.request.POST), "_save")
        impact, confirmation = self.preview
        return {"impact": impact, "confirmation": confirmation, "button": button}

    def show_gone(self) -> HttpResponse:
        """Show the typed values to copy. Saving them would restore the deleted record."""
        admin, request = self.admin, self.request
        form = admin.get_form(request)(self.data)
        groups = [DifferenceGroup("", typed_values(form))]
        for formset, inline in self._rows(form.instance, self.data):
            rows = [in_one_line(typed_values(row)) for row in formset.forms]
            name = capfirst(str(inline.verbose_name_plural))
            groups.append(DifferenceGroup(name, [Difference("", "", row) for row in rows if row]))
        title = _("This %(kind)s is no longer in this list") % {"kind": admin.opts.verbose_name}
        context = {
            **admin.admin_site.each_context(request),
            "title": title,
            "opts": admin.opts,
            "changes": deletion(admin.model, self.key),
            "groups": [group for group in groups if group.differences],
        }
        request.current_app = admin.admin_site.name
        return TemplateResponse(request, "admin/gone.html", context)
