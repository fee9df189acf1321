"""Two states of a record side by side, and one of them whole, in words."""

from typing import Any, NamedTuple

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from psf.history.restore import Step
from psf.history.states import Rows
from psf.history.tracking import PUBLICATION, fields_of, is_made, kind_of, model_of, parents_of
from psf.history.wording import (
    Names,
    both_shortened,
    label_of,
    list_label,
    part_called,
    references_in,
    row_name,
    value_in_words,
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


def groups_of(steps: list[Step], now: Rows, names: Names) -> list[Group]:
    """What the steps would change, now and then, by the record itself and its lists."""
    groups: dict[Any, list[Difference]] = {}
    for step in steps:
        groups.setdefault(step.model, []).extend(_differences(step, now, names))
    return [Group(_heading(model), found) for model, found in groups.items()]


def _heading(model: Any) -> str:
    if model._meta.auto_created:
        return list_label(model)
    return capfirst(str(model._meta.verbose_name_plural)) if parents_of(model) else ""


def _differences(step: Step, now: Rows, names: Names) -> list[Difference]:
    model = step.model
    if step.before is None or step.after is None:
        row = step.before or step.after or {}
        there = (_("there"), _("not there")) if step.after is None else (_("not there"), _("there"))
        if model._meta.auto_created:
            return [Difference(row_name(model, row, names), *there)]
        return [Difference(part_called(model, row, names, told=True), *there)]
    about = ""
    if parents_of(model):
        about = f"{row_name(model, now[kind_of(model), step.key], names)} · "
    found = []
    for column, value in step.after.items():
        field = fields_of(model)[column]
        values = (value_in_words(field, each, names) for each in (step.before[column], value))
        old, new = both_shortened(*values)
        found.append(Difference(about + label_of(field), old or _("empty"), new or _("empty")))
    return found


class Portrait(NamedTuple):
    """A record as it was: its fields, and its lists with what stood in them."""

    facts: list[tuple[str, str]]
    lists: list[tuple[str, list[str]]]


def portrait_of(rows: Rows, names: Names) -> Portrait:
    facts: list[tuple[str, str]] = []
    lists: dict[str, list[str]] = {}
    for number, ((kind, _key), row) in enumerate(rows.items()):
        model = model_of(kind)
        if number == 0:
            facts = _facts(model, row, names)
        elif model._meta.auto_created:
            lists.setdefault(_heading(model), []).append(row_name(model, row, names))
        else:
            lists.setdefault(_heading(model), []).append(part_called(model, row, names, told=True))
    return Portrait(facts, list(lists.items()))


def _facts(model: Any, row: dict[str, Any], names: Names) -> list[tuple[str, str]]:
    fields = fields_of(model)
    told = [
        (label_of(fields[column]), value_in_words(fields[column], value, names))
        for column, value in row.items()
        if not fields[column].primary_key
        and not is_made(fields[column])
        and column not in PUBLICATION
    ]
    return [(label, words) for label, words in told if words]
