"""Two states of a record side by side, and one of them whole, in words."""

from typing import Any, NamedTuple

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from psf.history.restore import Step
from psf.history.states import Rows
from psf.history.tracking import (
    PUBLICATION_FIELDS,
    fields_of,
    is_generated,
    kind_of,
    model_of,
    parent_columns,
)
from psf.history.wording import (
    Names,
    field_label,
    format_value,
    list_label,
    part_phrase,
    references_in,
    row_name,
    shorten_pair,
)
from psf.staff.edit_conflicts import Difference, Group


def names_in(*states: Rows) -> Names:
    """The names of all records that the rows name."""
    return Names(
        reference
        for rows in states
        for (kind, _key), row in rows.items()
        for reference in references_in(model_of(kind), row)
    )


def difference_groups(steps: list[Step], now: Rows, names: Names) -> list[Group]:
    """What the steps would change, now and then, by the record itself and its lists."""
    groups: dict[Any, list[Difference]] = {}
    for step in steps:
        groups.setdefault(step.model, []).extend(_differences(step, now, names))
    return [Group(_heading(model), found) for model, found in groups.items()]


def _heading(model: Any) -> str:
    if model._meta.auto_created:
        return list_label(model)
    return capfirst(str(model._meta.verbose_name_plural)) if parent_columns(model) else ""


def _differences(step: Step, now: Rows, names: Names) -> list[Difference]:
    model = step.model
    if step.before is None or step.after is None:
        row = step.before or step.after or {}
        there = (_("there"), _("not there")) if step.after is None else (_("not there"), _("there"))
        if model._meta.auto_created:
            return [Difference(row_name(model, row, names), *there)]
        return [Difference(part_phrase(model, row, names, told=True), *there)]
    about = ""
    if parent_columns(model):
        about = f"{row_name(model, now[kind_of(model), step.key], names)} · "
    found = []
    for column, value in step.after.items():
        field = fields_of(model)[column]
        values = (format_value(field, each, names) for each in (step.before[column], value))
        old, new = shorten_pair(*values)
        found.append(Difference(about + field_label(field), old or _("empty"), new or _("empty")))
    return found


class StateDescription(NamedTuple):
    """A record as it was: its fields, and its lists with what stood in them."""

    facts: list[tuple[str, str]]
    lists: list[tuple[str, list[str]]]


def describe_state(rows: Rows, names: Names) -> StateDescription:
    facts: list[tuple[str, str]] = []
    lists: dict[str, list[str]] = {}
    for number, ((kind, _key), row) in enumerate(rows.items()):
        model = model_of(kind)
        if number == 0:
            facts = _facts(model, row, names)
        elif model._meta.auto_created:
            lists.setdefault(_heading(model), []).append(row_name(model, row, names))
        else:
            lists.setdefault(_heading(model), []).append(part_phrase(model, row, names, told=True))
    return StateDescription(facts, list(lists.items()))


def _facts(model: Any, row: dict[str, Any], names: Names) -> list[tuple[str, str]]:
    fields = fields_of(model)
    told = [
        (field_label(fields[column]), format_value(fields[column], value, names))
        for column, value in row.items()
        if not fields[column].primary_key
        and not is_generated(fields[column])
        and column not in PUBLICATION_FIELDS
    ]
    return [(label, words) for label, words in told if words]
