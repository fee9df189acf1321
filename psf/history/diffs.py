"""Two states of a record side by side, and one state in full, in words."""

from typing import NamedTuple

from django.db.models import Model
from django.utils.translation import gettext as _

from psf.history.change_sentences import list_label, part_phrase
from psf.history.names import Names, row_name
from psf.history.restore import Step
from psf.history.states import Row, Rows
from psf.history.tracking import (
    PUBLICATION_FIELDS,
    fields_of,
    is_generated,
    kind_of,
    list_field,
    model_of,
    parent_columns,
)
from psf.history.values import field_label, format_value, shorten_pair


class Difference(NamedTuple):
    """A field or a part, with the stored value and the other value in words."""

    label: str
    stored: str
    typed: str


class DifferenceGroup(NamedTuple):
    """The differences in a list of parts, or in the record itself if the name is ""."""

    name: str
    differences: list[Difference]


def difference_groups(steps: list[Step], now: Rows, names: Names) -> list[DifferenceGroup]:
    """Return the current and future values that the steps change, grouped by list."""
    groups: dict[type[Model], list[Difference]] = {}
    for step in steps:
        groups.setdefault(step.model, []).extend(_differences(step, now, names))
    return [DifferenceGroup(list_label(model), rows) for model, rows in groups.items()]


def _differences(step: Step, now: Rows, names: Names) -> list[Difference]:
    model = step.model
    if step.before is None or step.after is None:
        row = step.before or step.after or {}
        present, absent = _("present"), _("not present")
        values = (present, absent) if step.after is None else (absent, present)
        return [Difference(_entry(model, row, names), *values)]
    about = ""
    if parent_columns(model):
        about = f"{row_name(model, now[kind_of(model), step.key], names)} · "
    differences = []
    for column, after in step.after.items():
        field = fields_of(model)[column]
        old, new = (format_value(field, value, names) for value in (step.before[column], after))
        old, new = shorten_pair(old, new)
        label = about + field_label(field)
        differences.append(Difference(label, old or _("empty"), new or _("empty")))
    return differences


def _entry(model: type[Model], row: Row, names: Names) -> str:
    """A row of a list in words: the name of a linked record, or a part with its values."""
    if list_field(model):
        return row_name(model, row, names)
    return part_phrase(model, row, names, detailed=True)


class StateDescription(NamedTuple):
    """A state of a record in words: labels and values of fields, and labels and rows of lists."""

    facts: list[tuple[str, str]]
    lists: list[tuple[str, list[str]]]


def describe_state(rows: Rows, names: Names) -> StateDescription:
    """Describe a state. The first row is the record, the other rows are the parts."""
    facts: list[tuple[str, str]] = []
    lists: dict[str, list[str]] = {}
    for number, ((kind, _key), row) in enumerate(rows.items()):
        model = model_of(kind)
        if number == 0:
            facts = _facts(model, row, names)
        else:
            lists.setdefault(list_label(model), []).append(_entry(model, row, names))
    return StateDescription(facts, list(lists.items()))


def _facts(model: type[Model], row: Row, names: Names) -> list[tuple[str, str]]:
    fields = fields_of(model)
    facts = [
        (field_label(fields[column]), format_value(fields[column], value, names))
        for column, value in row.items()
        if not fields[column].primary_key
        and not is_generated(fields[column])
        and column not in PUBLICATION_FIELDS
    ]
    return [(label, value) for label, value in facts if value]
