"""The values with which a form was opened, so that a merge compares three versions."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from django import forms
from django.forms.formsets import DELETION_FIELD_NAME
from django.forms.models import BaseInlineFormSet, InlineForeignKeyField

Fields = dict[str, list[Any]]  # the values that a browser sends, by name without prefix
Base = dict[str, Fields]  # "" is the form, and each row has a key of its own


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
