"""Edit conflicts: the differences between a sent form and the stored record."""

import re
from collections.abc import Iterable
from typing import Any, NamedTuple, cast

from django import forms
from django.contrib.admin.helpers import InlineAdminFormSet
from django.contrib.admin.models import LogEntry
from django.db.models import Model, QuerySet
from django.forms.formsets import DELETION_FIELD_NAME, INITIAL_FORM_COUNT, TOTAL_FORM_COUNT
from django.forms.models import BaseInlineFormSet
from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from psf.history.recording import account_name
from psf.history.words import Difference, DifferenceGroup, format_plain
from psf.staff.inlines import RowsInline
from psf.staff.opened_values import (
    Base,
    Fields,
    is_untouched,
    load_base,
    merge_data,
    row_key,
    unchanged_data,
)
from psf.text.dates import describe_moment


class RecentChange(NamedTuple):
    """Who changed a record, when and how, in words."""

    who: str
    when: str
    what: str


def changes_in(entries: QuerySet[LogEntry]) -> list[RecentChange]:
    """Describe the entries, the oldest first."""
    return [
        RecentChange(
            who=account_name(entry.user),
            when=describe_moment(entry.action_time),
            what=_("Deleted.") if entry.is_deletion() else entry.get_change_message(),
        )
        for entry in entries.select_related("user").order_by("pk")
    ]


# Values in words


def format_field_value(field: forms.Field, value: object) -> str:
    if value in field.empty_values:
        return _("empty")
    if isinstance(field, forms.ModelMultipleChoiceField):
        return ", ".join(sorted(str(row) for row in cast(Iterable[Model], value)))
    if isinstance(field, forms.ModelChoiceField) and not isinstance(value, Model):
        assert field.queryset is not None
        value = field.queryset.model._base_manager.filter(pk=value).first()
    if isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField):
        return str(dict(cast(Any, field.choices)).get(value, value))
    return "\n".join(format_plain(value).splitlines())


def format_typed_value(form: forms.BaseForm, name: str) -> str:
    """Return the typed value in words, or the raw text if the field is invalid."""
    if name in form.cleaned_data:
        return format_field_value(form.fields[name], form.cleaned_data[name])
    raw = form[name].data
    return " ".join(raw) if isinstance(raw, list) else str(raw or _("empty"))


def typed_values(form: forms.BaseForm) -> list[Difference]:
    """Return everything typed into a form of a new record."""
    form.full_clean()
    differences = [
        Difference(form_label(form, name), "", format_typed_value(form, name))
        for name in form.changed_data
        if not form[name].is_hidden
    ]
    return [difference for difference in differences if difference.typed != _("empty")]


def form_label(form: forms.BaseForm, name: str) -> str:
    return capfirst(str(form[name].label))


def in_one_line(differences: list[Difference]) -> str:
    return "; ".join(f"{label}: {typed}" for label, _stored, typed in differences)


# Differences


def form_differences(form: forms.ModelForm) -> list[Difference]:
    """Return the fields that differ between the sent form and the stored record."""
    differences = [
        Difference(
            form_label(form, name),
            format_field_value(form.fields[name], form.initial.get(name)),
            format_typed_value(form, name),
        )
        for name in form.changed_data
        if not form[name].is_hidden and name != DELETION_FIELD_NAME
    ]
    return [difference for difference in differences if difference.stored != difference.typed]


class Conflict:
    """A form that was opened before somebody else changed its record.

    Fields that still have the value of the base take the stored value.
    """

    def __init__(self, changes: list[RecentChange], base: Base) -> None:
        self.changes, self.base = changes, base
        self.stored: dict[str, BaseInlineFormSet] = {}
        self.added: dict[str, set[str]] = {}

    def rebase_form_data(self, data: QueryDict, stored: forms.ModelForm) -> QueryDict:
        """Return the sent values; those that were not changed are the stored values."""
        rebased = data.copy()
        for name, values in merge_data(stored, dict(data.lists()), self.base.get("")).items():
            rebased.setlist(name, values)
        return rebased

    def rebase_formset_data(self, data: QueryDict, stored: BaseInlineFormSet) -> QueryDict:
        """Return the sent rows, adapted to the rows that are stored now.

        A changed row that somebody else deleted becomes a new row. An unchanged one is left out.
        A row that somebody else added stays.
        """
        prefix = str(stored.prefix)
        pk_name = cast(type[Model], stored.model)._meta.pk.name
        added = {str(form.instance.pk): form for form in stored.initial_forms}
        existing, new = [], []
        for row in _rows_in(data, prefix):
            key = row.get(pk_name, [""])[-1]
            base = self.base.get(row_key(prefix, key))
            if form := added.pop(key, None):
                existing.append(merge_data(form, row, base))
            elif DELETION_FIELD_NAME not in row and not (base and is_untouched(row, base)):
                new.append(row | {pk_name: [""]})
        if stored.max_num == 1 and added and new:  # both people wrote the only possible row
            existing = [new.pop() | {pk_name: [key]} for key in added]
            added = {}
        self.stored[prefix], self.added[prefix] = stored, set(added)
        existing += [unchanged_data(form) for form in added.values()]
        return _with_rows(data, prefix, existing, new)

    def groups(
        self, form: forms.ModelForm, inline_formsets: list[InlineAdminFormSet]
    ) -> list[DifferenceGroup]:
        """Return the differences of the record, then those of each list of rows."""
        groups = [DifferenceGroup("", form_differences(form))]
        for inline_formset in inline_formsets:
            formset = inline_formset.formset
            if formset.prefix in self.stored:
                name = capfirst(str(inline_formset.opts.verbose_name_plural))
                groups.append(
                    DifferenceGroup(name, self._row_differences(formset, inline_formset.opts))
                )
        return [group for group in groups if group.differences]

    def _row_differences(self, formset: BaseInlineFormSet, inline: RowsInline) -> list[Difference]:
        differences: list[Difference] = []
        prefix = str(formset.prefix)
        stored_forms = self.stored[prefix].initial_forms
        names = {form.instance.pk: inline.name_of(form.instance) for form in stored_forms}
        for form in formset.initial_forms:
            name = names[form.instance.pk]
            if str(form.instance.pk) in self.added[prefix]:
                differences.append(Difference(name, _("added since then"), _("not in your form")))
            elif form.cleaned_data.get(DELETION_FIELD_NAME):
                differences.append(Difference(name, _("stored"), _("to be deleted")))
            else:
                differences += [
                    Difference(f"{name} · {label}", old, typed)
                    for label, old, typed in form_differences(form)
                ]
        for form in formset.extra_forms:
            if values := typed_values(form):
                row = Difference(_("Your new row"), _("not stored"), in_one_line(values))
                differences.append(row)
        return differences


def unsavable_input(
    data: QueryDict, form: type[forms.ModelForm], locked: Iterable[type[BaseInlineFormSet]]
) -> list[str]:
    """Return the sent changes of parts that were open when the form was opened, and are not now.

    `locked` are the lists of rows that the account may not change now.
    """
    base, sent, typed = load_base(data.get("base", "")), dict(data.lists()), []
    fields, meta = base.get("", {}), form._meta.model._meta
    for field in [*meta.fields, *meta.many_to_many]:
        opened = {field.name: fields.get(field.name, [])}
        is_open = field.name in form.base_fields or field.name not in fields
        if not is_open and not is_untouched(sent, opened):
            typed.append((field.verbose_name, sent.get(field.name, [])))
    for formset in locked:
        prefix = formset.get_default_prefix()
        for row in _rows_in(data, prefix):
            opened = base.get(row_key(prefix, row.get("id", [""])[-1]), {})
            names = [name for name in formset.form.base_fields if name in row]
            changed = [n for n in names if not is_untouched(row, {n: opened.get(n, [])})]
            if changed or DELETION_FIELD_NAME in row:
                values = [value for name in changed for value in row[name]]
                typed.append((cast(type[Model], formset.model)._meta.verbose_name_plural, values))
    return [f"{capfirst(str(label))}: {', '.join(values) or '–'}" for label, values in typed]


def without_added_rows(data: QueryDict, formsets: Iterable[type[BaseInlineFormSet]]) -> QueryDict:
    """Return the sent values without the new rows of these lists."""
    kept = data.copy()
    for prefix in [formset.get_default_prefix() for formset in formsets]:
        kept[f"{prefix}-{TOTAL_FORM_COUNT}"] = data.get(f"{prefix}-{INITIAL_FORM_COUNT}", "0")
    return kept


def _rows_in(data: QueryDict, prefix: str) -> list[Fields]:
    rows: dict[int, Fields] = {}
    for key, values in data.lists():
        if match := re.match(rf"{re.escape(prefix)}-([0-9]{{1,4}})-(.+)\Z", key):
            rows.setdefault(int(match[1]), {})[match[2]] = list(values)
    return [row for _number, row in sorted(rows.items())]


def _with_rows(
    data: QueryDict, prefix: str, existing: list[Fields], new: list[Fields]
) -> QueryDict:
    rebased = data.copy()
    for key in [key for key in rebased if re.match(rf"{re.escape(prefix)}-[0-9]", key)]:
        del rebased[key]
    for number, row in enumerate([*existing, *new]):
        for name, values in row.items():
            rebased.setlist(f"{prefix}-{number}-{name}", values)
    rebased[f"{prefix}-{INITIAL_FORM_COUNT}"] = str(len(existing))
    rebased[f"{prefix}-{TOTAL_FORM_COUNT}"] = str(len(existing) + len(new))
    return rebased
