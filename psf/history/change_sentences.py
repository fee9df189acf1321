"""Changes described in sentences."""

from typing import NamedTuple

from django.db.models import Field, Model
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from psf.history.models import Action, Change
from psf.history.names import (
    Names,
    Place,
    deleted_rows,
    naming_column,
    parents_in,
    references_in,
    references_of_rows,
    row_name,
)
from psf.history.states import Row, Rows, read_row, rows_by_key
from psf.history.tracking import (
    PUBLICATION_FIELDS,
    fields_of,
    is_generated,
    is_tracked,
    list_field,
    model_of,
    parent_columns,
)
from psf.history.values import field_label, format_value, shorten_pair


def part_details(model: type[Model], row: Row, names: Names) -> list[str]:
    """Return the values of a part that differ from those of a new part, without the name."""
    skipped = [naming_column(model, row), *(parent.column for parent in parent_columns(model))]
    details = []
    for column, field in fields_of(model).items():
        value = format_value(field, row.get(column), names)
        internal = field.primary_key or is_generated(field) or column in PUBLICATION_FIELDS
        if value and not internal and column not in skipped and row[column] != field.get_default():
            details.append(f"{field.verbose_name} {shorten_pair(value, '')[0]}")
    return details


def part_phrase(model: type[Model], row: Row, names: Names, detailed: bool = False) -> str:
    """Return a part with its kind, such as Partner “Stellit”, and on request with its values."""
    kind = capfirst(str(model._meta.verbose_name))
    phrase = _("%(kind)s “%(name)s”") % {"kind": kind, "name": row_name(model, row, names)}
    details = part_details(model, row, names) if detailed else []
    return f"{phrase} ({'; '.join(details)})" if details else phrase


class ChangeSentence(NamedTuple):
    """A sentence about a change of a record or of a part."""

    record: Place
    sentence: str


def sentences_by_change_set(changes: list[Change]) -> dict[int, list[ChangeSentence]]:
    """Describe changes in sentences, grouped by the key of the change set."""
    rows, names = _rows_and_names(changes)
    by_set: dict[int, list[ChangeSentence]] = {}
    for change in changes:
        record = (change.record_kind, change.record_key)
        for sentence in _sentences_of(change, rows.get((change.kind, change.key), {}), names):
            by_set.setdefault(change.change_set_id, []).append(ChangeSentence(record, sentence))
    return by_set


def _rows_and_names(changes: list[Change]) -> tuple[Rows, Names]:
    changed = {(c.kind, c.key) for c in changes if c.action == Action.CHANGED}
    parts = {place for place in changed if parent_columns(model_of(place[0]))}
    rows = rows_by_key(parts)
    rows |= deleted_rows(parts - rows.keys())
    places = [*references_of_rows(rows)]
    for change in changes:
        model = model_of(change.kind)
        places += references_in(model, change.old()) + references_in(model, change.new())
    return rows, Names(places)


def _sentences_of(change: Change, row: Row, names: Names) -> list[str]:
    model = model_of(change.kind)
    if change.action == Action.CHANGED:
        about = f"{part_phrase(model, row, names)}: " if parent_columns(model) else ""
        before, after = read_row(model, change.old()), read_row(model, change.new())
        return [
            about + field_change_sentence(fields_of(model)[column], value, after.get(column), names)
            for column, value in before.items()
        ]
    row = read_row(model, change.new() or change.old())
    added = change.action == Action.ADDED
    if not parent_columns(model):
        return [_("Added.") if added else _("Deleted.")]
    if list_field(model):
        values = {"name": row_name(model, row, names), "list": list_label(model)}
        sentence = _("%(list)s: “%(name)s” added.") if added else _("%(list)s: “%(name)s” removed.")
        return [sentence % values]
    phrase = part_phrase(model, row, names, detailed=True)
    return [(_("%(part)s added.") if added else _("%(part)s deleted.")) % {"part": phrase}]


def list_label(model: type[Model]) -> str:
    """Return the label of a list in a record: of parts or of linked records; "" for a record."""
    if field := list_field(model):
        return field_label(field)
    return capfirst(str(model._meta.verbose_name_plural)) if parent_columns(model) else ""


def field_change_sentence(field: Field, before: object, after: object, names: Names) -> str:
    """Return a sentence such as “Title changed from “A” to “B”.”"""
    old, new = (format_value(field, value, names) for value in (before, after))
    old, new = shorten_pair(old, new)
    values = {"field": field_label(field), "old": old, "new": new}
    if not old:
        return _("%(field)s set to “%(new)s”.") % values
    if not new:
        return _("%(field)s cleared; it was “%(old)s”.") % values
    return _("%(field)s changed from “%(old)s” to “%(new)s”.") % values


def reference_error(row: Model) -> str:
    """Return the error of deleting a record that `row` uses."""
    if not is_tracked(type(row)):  # such as evidence, which no change names
        words = _("A record that would be deleted has %(kind)s, which must stay.")
        return words % {"kind": row._meta.verbose_name_plural}
    values = {column: getattr(row, f.attname) for column, f in fields_of(type(row)).items()}
    names = Names(references_in(type(row), values))
    parents = parents_in(type(row), values)
    name = names.of(*parents[0]) if parents else row_name(type(row), values, names)
    return _(
        "“%(record)s” (%(kind)s) was changed later and uses a record that would be deleted. "
        "Change it first, or undo that change."
    ) % {"record": name, "kind": row._meta.verbose_name}
