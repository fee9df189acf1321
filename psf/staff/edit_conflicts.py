"""What a colleague changed while a form was open: who, when, and which values differ."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, cast

from django import forms
from django.contrib.admin.helpers import InlineAdminFormSet
from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Max, Model, QuerySet
from django.forms.formsets import DELETION_FIELD_NAME, INITIAL_FORM_COUNT, TOTAL_FORM_COUNT
from django.forms.models import BaseInlineFormSet, InlineForeignKeyField
from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from psf.history.models import Action, Change, ChangeSet
from psf.history.states import record_changes
from psf.history.tracking import kind_of
from psf.history.visibility import visible
from psf.history.words import (
    Difference,
    DifferenceGroup,
    format_plain,
    sentences_by_change_set,
)
from psf.staff.forms import RowsInline
from psf.staff.widgets import Known
from psf.text.dates import describe_moment

LONGEST_NUMBER = 18  # digits of the largest integer of both databases

Fields = dict[str, list[Any]]  # the values that a browser sends, by name without prefix
Base = dict[str, Fields]  # "" is the form, and each row has a key of its own


class RecentChange(NamedTuple):
    """Who changed a record, when and how, in words."""

    who: str
    when: str
    what: str


def last_entry(model: type[Model], key: object) -> int:
    """The number of the last change of a record in its history, 0 without any."""
    return record_changes(model, str(key)).aggregate(last=Max("pk"))["last"] or 0


def changes_after(
    entry: str, model: type[Model], key: object, user: User | AnonymousUser
) -> list[RecentChange]:
    """The changes of a record after an entry that the account may see, the oldest first."""
    if not is_number(entry):
        return []
    changes = record_changes(model, str(key)).filter(pk__gt=int(entry))
    return _describe(visible(changes, user))


def deletion(model: type[Model], key: object) -> list[RecentChange]:
    """Who deleted the record and when; [] if unknown."""
    deletions = Change.objects.filter(kind=kind_of(model), key=str(key), action=Action.DELETED)
    return _describe(deletions.order_by("-pk")[:1])


def _describe(changes: QuerySet[Change]) -> list[RecentChange]:
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


def is_number(text: str) -> bool:
    return text.isdecimal() and len(text) <= LONGEST_NUMBER


# The values with which a form was opened, so that a merge compares three versions


def row_key(prefix: str, key: object) -> str:
    return f"{prefix} {key}"


def dump_base(form: forms.BaseForm, formsets: Iterable[BaseInlineFormSet]) -> str:
    """Return the stored values of a form and its rows, for a hidden input."""
    base = {"": unchanged_data(form)} | {
        row_key(str(formset.prefix), row.instance.pk): unchanged_data(row)
        for formset in formsets
        for row in formset.initial_forms
    }
    return json.dumps(base, ensure_ascii=False, separators=(",", ":"))


def load_base(text: str) -> Base:
    """Return the base from a hidden input; {} if the text is damaged."""
    try:
        base = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(base, dict) or not all(_are_fields(fields) for fields in base.values()):
        return {}
    return base


def _are_fields(fields: object) -> bool:
    return isinstance(fields, dict) and all(isinstance(values, list) for values in fields.values())


def unchanged_data(form: forms.BaseForm) -> Fields:
    """Return what a browser sends for a form without changes."""
    return {name: values for field in _stored_fields(form) for name, values in field.items()}


def merge_data(form: forms.BaseForm, sent: Fields, base: Fields | None) -> Fields:
    """Return the sent values. Fields with the value of the base take the stored value.

    Without a base, all sent values are kept.
    """
    merged = dict(sent)
    for field in _stored_fields(form) if base is not None else []:
        if is_untouched(sent, {name: (base or {}).get(name, []) for name in field}):
            merged |= field
    return merged


def is_untouched(sent: Fields, base: Fields) -> bool:
    """Whether the sent values are those of the base."""
    return all(_comparable(sent.get(name, [])) == _comparable(base[name]) for name in base)


def _comparable(values: list[Any]) -> list[str]:
    """Empty values are often not sent, and browsers send other line ends than the stored ones."""
    return sorted(str(value).replace("\r\n", "\n") for value in values if value != "")


def _stored_fields(form: forms.BaseForm) -> Iterator[Fields]:
    """Yield the stored values of each field. A field with several inputs has several names."""
    for name, field in form.fields.items():
        is_record = isinstance(field, InlineForeignKeyField)  # of the row, and never sent
        if name == DELETION_FIELD_NAME or field.disabled or is_record:
            continue
        widget: Any = getattr(field.widget, "widget", field.widget)
        value = field.prepare_value(form[name].initial)
        if isinstance(field.widget, forms.MultiWidget):
            parts = zip(widget.widgets_names, widget.widgets, widget.decompress(value), strict=True)
            yield {f"{name}{suffix}": _texts(part, text) for suffix, part, text in parts}
        else:
            yield {name: _texts(widget, value)}


def _texts(widget: Any, value: object) -> list[str]:
    if isinstance(widget, forms.CheckboxInput):
        return ["on"] if widget.check_test(value) else []
    formatted = widget.format_value(value)
    values = formatted if isinstance(formatted, list) else [formatted]
    return ["" if text is None else str(text) for text in values]


# Values in words


def format_field_value(field: forms.Field, value: object) -> str:
    if value in field.empty_values:
        return _("empty")
    if isinstance(field, Known):
        return _in_one_text(field.prepare_value(value))
    if isinstance(field, forms.ModelMultipleChoiceField):
        return ", ".join(sorted(str(row) for row in cast(Iterable[Model], value)))
    if isinstance(field, forms.ModelChoiceField) and not isinstance(value, Model):
        assert field.queryset is not None
        value = field.queryset.model._base_manager.filter(pk=value).first()
    if isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField):
        return str(dict(cast(Any, field.choices)).get(value, value))
    return "\n".join(format_plain(value).splitlines())


def format_typed_value(form: forms.BaseForm, name: str) -> str:
    """Return the typed value in words; the raw text of a day, and of an invalid field."""
    if name in form.cleaned_data and not isinstance(form.fields[name], Known):
        return format_field_value(form.fields[name], form.cleaned_data[name])
    return _in_one_text(form[name].data) or _("empty")


def _in_one_text(raw: Any) -> str:
    return " ".join(filter(None, raw)) if isinstance(raw, list) else str(raw or "")


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

    Fields that still have the value of the base take the stored value. `stored` is the form of the
    record without sent values, and `rows` are such lists of the rows that the account may change.
    """

    def __init__(
        self,
        changes: list[RecentChange],
        data: QueryDict,
        stored: forms.ModelForm,
        rows: Iterable[BaseInlineFormSet],
    ) -> None:
        self.changes, self.base = changes, load_base(data.get("base", ""))
        self.stored: dict[str, BaseInlineFormSet] = {}
        self.added: dict[str, set[str]] = {}
        self.data = data.copy()  # what the form would have sent if it had been opened now
        for name, values in merge_data(stored, dict(data.lists()), self.base.get("")).items():
            self.data.setlist(name, values)
        for formset in rows:
            self._merge_rows(formset)

    def _merge_rows(self, stored: BaseInlineFormSet) -> None:
        """Adapt the sent rows to the rows that are stored now.

        A changed row that somebody else deleted becomes a new row. An unchanged one is left out.
        A row that somebody else added stays.
        """
        prefix = str(stored.prefix)
        pk_name = cast(type[Model], stored.model)._meta.pk.name
        added = {str(form.instance.pk): form for form in stored.initial_forms}
        existing, new = [], []
        for row in _rows_in(self.data, prefix):
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
        _set_rows(self.data, prefix, existing, new)

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
            if form.has_changed() and (values := typed_values(form)):
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
        prefix, empty = formset.get_default_prefix(), unchanged_data(formset.form())
        for row in _rows_in(data, prefix):
            key = row.get("id", [""])[-1]
            opened = base.get(row_key(prefix, key), {}) if key else empty
            names = [name for name in formset.form.base_fields if name in row]
            names = [name for name in names if key or name != "position"]
            changed = [n for n in names if not is_untouched(row, {n: opened.get(n, [])})]
            if changed or DELETION_FIELD_NAME in row:
                values = [value for name in changed for value in row[name]]
                typed.append((cast(type[Model], formset.model)._meta.verbose_name_plural, values))
    return [f"{capfirst(str(label))}: {', '.join(values) or '–'}" for label, values in typed]


def without_added_rows(data: QueryDict, formsets: Iterable[type[BaseInlineFormSet]]) -> QueryDict:
    """Return the sent values without the new rows of these lists."""
    trimmed = data.copy()
    for prefix in [formset.get_default_prefix() for formset in formsets]:
        trimmed[f"{prefix}-{TOTAL_FORM_COUNT}"] = data.get(f"{prefix}-{INITIAL_FORM_COUNT}", "0")
    return trimmed


def _rows_in(data: QueryDict, prefix: str) -> list[Fields]:
    rows: dict[int, Fields] = {}
    for key, values in data.lists():
        if match := re.match(rf"{re.escape(prefix)}-([0-9]{{1,4}})-(.+)\Z", key):
            rows.setdefault(int(match[1]), {})[match[2]] = list(values)
    return [row for _number, row in sorted(rows.items())]


def _set_rows(data: QueryDict, prefix: str, existing: list[Fields], new: list[Fields]) -> None:
    for key in [key for key in data if re.match(rf"{re.escape(prefix)}-[0-9]", key)]:
        del data[key]
    for number, row in enumerate([*existing, *new]):
        for name, values in row.items():
            data.setlist(f"{prefix}-{number}-{name}", values)
    data[f"{prefix}-{INITIAL_FORM_COUNT}"] = str(len(existing))
    data[f"{prefix}-{TOTAL_FORM_COUNT}"] = str(len(existing) + len(new))
