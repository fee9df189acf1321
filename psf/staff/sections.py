"""The sections of a record's form. A folded one says in a sentence what is inside."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.contrib.admin.helpers import AdminForm, Fieldset, InlineAdminFormSet
from django.forms.boundfield import BoundField
from django.template.defaultfilters import slugify
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _, ngettext

LONG = 8  # words of a text that a sentence only counts


class Parts(NamedTuple):
    """What a section has besides its fields. `rows` are names of relations to rows."""

    rows: Sequence[str] = ()
    template: str = ""
    is_folded: bool = False
    is_minor: bool = False  # a part of the section before it


class Summary(NamedTuple):
    """What a folded section says, and whether it opens by itself."""

    sentence: str
    is_open: bool = False


class FormSection(NamedTuple):
    key: str
    title: str
    parts: Parts
    fieldset: Fieldset | None
    rows: list[InlineAdminFormSet]
    errors: int
    summary: Summary


def section(
    title: Promise | None,
    *fields: str | tuple[str, ...],
    description: Promise | str = "",
    **parts: Any,
) -> tuple[Any, Any]:
    """A section of a form for `fieldsets`, with the values of its `Parts`."""
    options = {"fields": list(fields), "description": description, "parts": Parts(**parts)}
    return title, options


def without_slug(fields: Any) -> list[Any]:
    return [field for field in fields if field != "slug"]


def sections_of(
    declared: Sequence[tuple[Any, Mapping[str, Any]]],
    form: AdminForm,
    formsets: Sequence[InlineAdminFormSet],
    summaries: Mapping[str, Summary],
) -> list[FormSection]:
    """The sections as they are drawn. Rows that no section names follow, each as a section."""
    rows = {str(formset.formset.prefix): formset for formset in formsets}
    sections = []
    for (title, options), fieldset in zip(declared, form, strict=True):
        parts = options.get("parts", Parts())
        own = [rows.pop(name) for name in parts.rows if name in rows]
        sections.append(_section(str(title or ""), parts, fieldset, own, summaries))
    for formset in rows.values():
        title = capfirst(str(formset.opts.verbose_name_plural))
        sections.append(_section(title, Parts(), None, [formset], summaries))
    for place, part in enumerate(sections):
        if part.parts.is_minor:  # its errors count at the mark of the section before it
            above = sections[place - 1]
            sections[place - 1] = above._replace(errors=above.errors + part.errors)
    return [part for part in sections if part.fieldset or part.rows or part.parts.template]


def _section(
    title: str,
    parts: Parts,
    fieldset: Fieldset | None,
    rows: list[InlineAdminFormSet],
    summaries: Mapping[str, Summary],
) -> FormSection:
    parts_of_lines = [part.field for line in fieldset for part in line] if fieldset else []
    fields = [field for field in parts_of_lines if isinstance(field, BoundField)]
    errors = sum(bool(field.errors) for field in fields)
    errors += sum(row.formset.total_error_count() for row in rows)
    key = slugify(title) or "first"
    summary = summaries.get(key) or Summary(_inside(fields, rows))
    opened = summary._replace(is_open=summary.is_open or errors > 0)
    return FormSection(
        key, title, parts, fieldset if parts_of_lines else None, rows, errors, opened
    )


def _inside(fields: list[BoundField], rows: list[InlineAdminFormSet]) -> str:
    """What is filled in, such as "Description of 412 words; website; sources: 2"."""
    words = [_words_of(field) for field in fields]
    for row in rows:
        number = len(row.formset.initial_forms)
        words.append(f"{row.opts.verbose_name_plural}: {number}" if number else "")
    return capfirst("; ".join(filter(None, words)) or _("empty"))


def _words_of(field: BoundField) -> str:
    value, label = field.value(), str(field.label)
    label = label[:1].lower() + label[1:]
    if not value:
        return ""
    if value is True:
        return label
    if isinstance(value, list | tuple):
        return f"{label}: {len(value)}"
    count = len(str(value).split())
    if count > LONG:
        words = ngettext("%(label)s of %(count)d word", "%(label)s of %(count)d words", count)
        return words % {"label": label, "count": count}
    return f"{label}: {value}"


class TableRow(NamedTuple):
    """One row of a table: the cells, and what stands in the last cell."""

    form: Any
    cells: list[Any]
    more: list[Any]  # rarely filled in, so folded
    said: str
    is_open: bool
    is_empty: bool
    hidden: list[BoundField]
    position: BoundField | None
    delete: BoundField | None


def table_rows(formset: InlineAdminFormSet) -> tuple[list[TableRow], TableRow | None]:
    """The rows of a table, and the one that a browser copies, if rows can be added."""
    rows = [_row(part, formset) for part in formset]
    return (rows[:-1], rows[-1]) if formset.has_add_permission else (rows, None)


def _row(part: Any, formset: InlineAdminFormSet) -> TableRow:
    form, more = part.form, formset.opts.more
    cells: dict[str, Any] = {
        field.field["name"] if field.is_readonly else field.field.name: field
        for fieldset in part
        for line in fieldset
        for field in line
    }
    rare = [cells.pop(name) for name in more if name in cells]
    position = cells.pop("position", None)
    filled = [field.field for field in rare if not field.is_readonly]
    can_delete = formset.formset.can_delete and formset.has_delete_permission
    hidden = [form[pk.name] for pk in [form._meta.model._meta.pk] if pk.name in form.fields]
    return TableRow(
        form,
        [*cells.values()],
        rare,
        "; ".join(filter(None, map(_words_of, filled))),
        any(field.errors for field in filled),
        part.original is None and not (form.is_bound and form.has_changed()),
        hidden,
        position.field if position and not position.is_readonly else None,
        form["DELETE"] if can_delete and "DELETE" in form.fields else None,
    )
