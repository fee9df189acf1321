"""Forms of staff: of pages, which crispy-forms lays out, of records, and of their rows."""

from typing import Any, ClassVar, cast

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Div, Hidden, Layout, LayoutObject, Submit
from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import InlineAdminFormSet
from django.core.exceptions import ValidationError
from django.db.models import Model, Q
from django.forms.formsets import DELETION_FIELD_NAME
from django.forms.models import BaseInlineFormSet, InlineForeignKeyField
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext, gettext_lazy

from psf.staff.sections import TableRow, table_rows
from psf.staff.widgets import RecordFields, StaffFields, check_input

MAX_ROWS = 60


# Forms of pages


class Button(Submit):
    """A button that sends the form. The usual one of a page is the default."""

    field_classes = ""

    def __init__(self, label: str | Promise, name: str = "", *, is_default: bool = False) -> None:
        super().__init__(name, label, css_class="default" if is_default else None)


class PlainTextForm(forms.Form):
    """A form that checks its texts and days. Labels of required fields are bold."""

    required_css_class = "required"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            check_input(field)


class StaffForm(PlainTextForm):
    """A form with its fields in order, then its buttons.

    The page sets `version`, of what it shows, and `cancel_url`, where **Cancel** leads. A form that
    `is_blocked` has no buttons.
    """

    button: str | Promise = ""
    form_id: ClassVar[str] = ""
    cancel_label: str | Promise = gettext_lazy("Cancel")
    is_blocked = False
    method: ClassVar[str] = "post"
    action = ""  # the address that receives the form, by default that of the page
    version = ""
    cancel_url = ""

    def layout(self) -> list[str | LayoutObject]:
        """The fields as the page shows them."""
        return list(self.fields)

    def buttons(self) -> list[Button]:
        return [Button(self.button, is_default=True)]

    @property
    def helper(self) -> FormHelper:
        helper = FormHelper()
        helper.form_method, helper.form_action = self.method, self.action
        helper.form_id = self.form_id
        helper.attrs = {"novalidate": True}
        if self.is_multipart():
            helper.attrs["enctype"] = "multipart/form-data"
        row: list[Button | HTML] = [] if self.is_blocked else [*self.buttons()]
        if self.cancel_url:
            link = '<a class="closelink" href="{}">{}</a>'
            row.append(HTML(format_html(link, self.cancel_url, self.cancel_label)))
        version = [Hidden("version", self.version)] if self.version else []
        buttons = [Div(*row, css_class="submit-row")] if row else []
        helper.layout = Layout(*version, *self._legend(), *self.layout(), *buttons)
        return helper

    def _legend(self) -> list[HTML]:
        """The meaning of bold labels, if only some fields are required."""
        if len({part.field.required for part in self.visible_fields()}) < 2:
            return []
        sentence = gettext("Fields with bold labels are required.")
        return [HTML(format_html('<p class="help">{}</p>', sentence))]


# Forms of records, and the rows that are edited with them


class RecordForm(RecordFields):
    """The form of a record."""

    def namesake(self, field: str) -> Any:
        """Another record with the new value of a field, in capitals or not; None without one."""
        same = Q(**{f"{field}__iexact": self.cleaned_data[field]})
        other_records = type(self.instance)._base_manager.exclude(pk=self.instance.pk)
        return other_records.filter(same).first() if field in self.changed_data else None


class RowForm(RecordFields):
    """A row. A stored row that was not changed is not validated."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_stored = self.instance.pk is not None
        self.empty_permitted |= self.is_stored
        self.is_kept = False

    def keep(self) -> None:
        """Leave the row as it is stored, whatever was sent: the account may only see it."""
        self.is_kept = self.empty_permitted = True

    def has_changed(self) -> bool:
        """Whether somebody changed the row. The place alone makes no new row."""
        changed = {*self.changed_data} - (set() if self.is_stored else {"position"})
        return not self.is_kept and bool(changed)

    def validate_constraints(self) -> None:
        """Check the row by itself. Its formset compares the rows, which may exchange their values.

        Django 5.2 leaves the record out of the check of a row, Django 6.1 does not.
        """
        records = [
            n for n, field in self.fields.items() if isinstance(field, InlineForeignKeyField)
        ]
        try:
            self.instance.validate_constraints(exclude=[*records, *self.errors])
        except ValidationError as error:
            self.add_error(None, error)

    def full_clean(self) -> None:
        super().full_clean()
        if self.is_bound and self.is_stored and not self.has_changed():
            fields = [f for f in self.instance._meta.concrete_fields if f.name in self.fields]
            self.cleaned_data = {field.name: self._stored_value(field) for field in fields}

    def _stored_value(self, field: Any) -> object:
        """Return the value of a field, or the key of a related record that is not loaded."""
        is_loaded = not field.is_relation or field.is_cached(self.instance)
        return getattr(self.instance, field.name if is_loaded else field.attname)


class RowFormSet(BaseInlineFormSet):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        extra = range(self.initial_form_count() + 1, self.total_form_count() + 1)
        has_order = "position" in cast(Any, self.form).base_fields
        self.initial_extra = [{"position": place} if has_order else {} for place in extra]

    def is_filled(self, form: forms.ModelForm) -> bool:
        """Whether the row has a value and is not to be deleted."""
        return bool(form.cleaned_data) and not form.cleaned_data.get(DELETION_FIELD_NAME)

    def filled_rows(self) -> list[dict[str, Any]]:
        return [form.cleaned_data for form in self.forms if self.is_filled(form)]


class RowsInline(StaffFields, admin.TabularInline):
    """Rows of a record. Their number is limited, so that one request stays small."""

    template = "admin/edit_inline/rows.html"
    form = RowForm
    formset = RowFormSet
    extra = 3  # for browsers without scripts
    max_num = MAX_ROWS
    more: ClassVar[list[str]] = []  # the fields that are rarely filled in
    media = forms.Media()  # the scripts of the form

    def table(self, formset: InlineAdminFormSet) -> tuple[list[TableRow], TableRow | None]:
        """The rows, and the one that a browser copies. For the template."""
        return table_rows(formset)

    def name_of(self, row: Any) -> str:
        """The heading of a row in a list of edit conflicts."""
        return str(row)

    def get_formset(
        self, request: HttpRequest, obj: Model | None = None, **kwargs: Any
    ) -> type[BaseInlineFormSet]:
        """Return the class of the rows. `hints` are the help texts, shown once for all rows."""
        formset: Any = super().get_formset(request, obj, **{"absolute_max": MAX_ROWS} | kwargs)
        formset.hints = []
        for name, field in formset.form.base_fields.items():
            field.widget.attrs["aria-label"] = field.label
            if field.required:  # Django leaves out `required`, because a row may stay empty
                field.widget.attrs["aria-required"] = "true"
            if name == "position":  # only drawn without scripts
                field.help_text = ""
            if field.help_text:
                key = f"{formset.get_default_prefix()}-{name}-hint"
                formset.hints.append((key, field.label, field.help_text))
                field.help_text = ""
                field.widget.attrs["aria-describedby"] = key
        return formset
