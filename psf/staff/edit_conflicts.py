"""Two people on one record: what was typed beside what is stored, and the form that has both."""

import re
from datetime import date, datetime
from typing import Any, NamedTuple, cast

from django import forms
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import display_for_value
from django.db.models import Model, QuerySet
from django.forms.formsets import DELETION_FIELD_NAME, INITIAL_FORM_COUNT, TOTAL_FORM_COUNT
from django.forms.models import BaseInlineFormSet
from django.http import QueryDict
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from psf.history.diffs import Difference, DifferenceGroup
from psf.text.dates import Precision, describe

Fields = dict[str, list[Any]]


class Change(NamedTuple):
    who: str
    when: str
    what: str


def changes_in(entries: QuerySet[LogEntry]) -> list[Change]:
    """Who did what and when, the oldest first."""
    return [
        Change(
            who=entry.user.get_full_name() or entry.user.get_username(),
            when=describe(timezone.localtime(entry.action_time), Precision.MINUTE),
            what=_("Deleted.") if entry.is_deletion() else entry.get_change_message(),
        )
        for entry in entries.select_related("user").order_by("pk")
    ]


# Words


def in_words(field: forms.Field, value: Any) -> str:
    """What a field of a form holds, as a person would say it."""
    if value in field.empty_values:
        return _("empty")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(field, forms.ModelMultipleChoiceField):
        return ", ".join(sorted(str(row) for row in value))
    if isinstance(field, forms.ModelChoiceField) and not isinstance(value, Model):
        assert field.queryset is not None
        value = field.queryset.model._base_manager.filter(pk=value).first()
    if isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField):
        return str(dict(cast(Any, field.choices)).get(value, value))
    if isinstance(value, datetime):
        return describe(timezone.localtime(value), Precision.MINUTE)
    if isinstance(value, date):
        return describe(value, Precision.DAY)
    return "\n".join(str(display_for_value(value, "")).splitlines())


def typed_in(form: forms.BaseForm, name: str) -> str:
    if name in form.cleaned_data:
        return in_words(form.fields[name], form.cleaned_data[name])
    raw = form[name].data  # what could not be read, as it was sent
    return " ".join(raw) if isinstance(raw, list) else str(raw or _("empty"))


def typing(form: forms.BaseForm) -> list[Difference]:
    """All that was typed into a form, beside nothing."""
    form.full_clean()
    said = [
        Difference(label_of(form, name), "", typed_in(form, name))
        for name in form.changed_data
        if not form[name].is_hidden
    ]
    return [one for one in said if one.typed != _("empty")]


def label_of(form: forms.BaseForm, name: str) -> str:
    return capfirst(str(form[name].label))


def in_one_line(differences: list[Difference]) -> str:
    return "; ".join(f"{label}: {typed}" for label, _stored, typed in differences)


# What differs


def differences_of(form: forms.ModelForm) -> list[Difference]:
    """The fields in which a form that was sent says something else than the record stored."""
    found = [
        Difference(
            label_of(form, name),
            in_words(form.fields[name], form.initial.get(name)),
            typed_in(form, name),
        )
        for name in form.changed_data
        if not form[name].is_hidden and name != DELETION_FIELD_NAME
    ]
    return [one for one in found if one.stored != one.typed]


class Conflict:
    """A form that was opened before somebody else changed its record."""

    def __init__(self, changes: list[Change]) -> None:
        self.changes = changes
        self.stored: dict[str, BaseInlineFormSet] = {}
        self.added: dict[str, set[str]] = {}

    def rebase_formset_data(self, data: QueryDict, stored: Any) -> QueryDict:
        """What was sent of a list of parts, fitted to the rows that are stored now.

        A row that somebody else deleted is a new one now; one that somebody else added is there.
        """
        rows = _rows_in(data, stored.prefix)
        pk_name = stored.model._meta.pk.name
        forms_by_key = {str(form.instance.pk): form for form in stored.initial_forms}
        known = [row for row in rows if row.get(pk_name, [""])[-1] in forms_by_key]
        new = [row | {pk_name: [""]} for row in rows if row not in known]
        new = [row for row in new if DELETION_FIELD_NAME not in row]
        seen = {row[pk_name][-1] for row in known}
        added = {key: _as_sent(form) for key, form in forms_by_key.items() if key not in seen}
        if stored.max_num == 1 and added and new:  # both wrote the only one there can be
            known = [new.pop() | {pk_name: [key]} for key in added]
            added = {}
        self.stored[stored.prefix], self.added[stored.prefix] = stored, set(added)
        return _with_rows(data, stored.prefix, [*known, *added.values()], new)

    def groups(self, form: forms.ModelForm, inline_formsets: list[Any]) -> list[DifferenceGroup]:
        """All that differs, field by field, in the record and its parts."""
        groups = [DifferenceGroup("", differences_of(form))]
        for inline_formset in inline_formsets:
            formset = inline_formset.formset
            if formset.prefix in self.stored:
                name = capfirst(str(inline_formset.opts.verbose_name_plural))
                groups.append(DifferenceGroup(name, self._in_parts(formset, inline_formset.opts)))
        return [group for group in groups if group.differences]

    def _in_parts(self, formset: Any, inline: Any) -> list[Difference]:
        found = []
        stored_forms = self.stored[formset.prefix].initial_forms
        names = {form.instance.pk: inline.name_of(form.instance) for form in stored_forms}
        for form in formset.initial_forms:
            name = names[form.instance.pk]
            if str(form.instance.pk) in self.added[formset.prefix]:
                found.append(Difference(name, _("added meanwhile"), _("not in your form")))
            elif form.cleaned_data.get(DELETION_FIELD_NAME):
                found.append(Difference(name, _("there"), _("to be deleted")))
            else:
                found += [
                    Difference(f"{name} · {label}", was, typed)
                    for label, was, typed in differences_of(form)
                ]
        for form in formset.extra_forms:
            if said := typing(form):
                found.append(Difference(_("Row of yours"), _("not there"), in_one_line(said)))
        return found


def _rows_in(data: QueryDict, prefix: str) -> list[Fields]:
    rows: dict[int, Fields] = {}
    for key, values in data.lists():
        if match := re.match(rf"{re.escape(prefix)}-([0-9]{{1,4}})-(.+)\Z", key):
            rows.setdefault(int(match[1]), {})[match[2]] = list(values)
    return [row for _number, row in sorted(rows.items())]


def _as_sent(form: forms.BaseForm) -> Fields:
    """What a browser would send of a form that nobody touched."""
    values = {
        name: field.field.widget.format_value(field.value())
        for name, field in ((name, form[name]) for name in form.fields)
        if name != DELETION_FIELD_NAME
    }
    return {
        name: value if isinstance(value, list) else ["" if value is None else str(value)]
        for name, value in values.items()
    }


def _with_rows(data: QueryDict, prefix: str, there: list[Fields], new: list[Fields]) -> QueryDict:
    fitted = data.copy()
    for key in [key for key in fitted if re.match(rf"{re.escape(prefix)}-[0-9]", key)]:
        del fitted[key]
    for number, row in enumerate([*there, *new]):
        for name, values in row.items():
            fitted.setlist(f"{prefix}-{number}-{name}", values)
    fitted[f"{prefix}-{INITIAL_FORM_COUNT}"] = str(len(there))
    fitted[f"{prefix}-{TOTAL_FORM_COUNT}"] = str(len(there) + len(new))
    return fitted
