"""The cells of a project beside its record: what is new, and what the record would not take."""

from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from projects.eligibility.award_limits import amount_error, amount_kind_error, constraint_message
from projects.imports.existing import FIELDS, Stored
from projects.imports.parser import ProjectRows, in_words
from projects.imports.problems import Problem
from projects.models import AmountKind, Call, Project, ProjectStatus
from psf.text.dates import Precision, describe
from psf.text.numbers import eur

# A day in a file is the day itself.
PRECISIONS = {"starts_on": "starts_precision", "ends_on": "ends_precision"}


class Difference(NamedTuple):
    """One field, in words: "Title", what is recorded, what the file says."""

    label: str
    old: str
    new: str


class Compared(NamedTuple):
    fields: dict[str, Any]
    priorities: tuple[Any, ...] | None
    differences: list[Difference]
    problems: list[Problem]


def compare_values(rows: ProjectRows, stored: Stored | None, call: Call) -> Compared:
    """An empty cell says nothing, so what is recorded stays."""
    before = stored.values if stored else {}
    fields: dict[str, Any] = {}
    differences = []
    for column, name in FIELDS.items():
        value = rows.values.get(column)
        if value is None or (stored and before[name] == value):
            continue
        fields[name] = value
        if name in PRECISIONS:
            fields[PRECISIONS[name]] = Precision.DAY
        if stored:
            differences.append(
                Difference(label_of(name), shown(name, before[name]), shown(name, value))
            )
    priorities = rows.values.get("priority")
    known = tuple(sorted(stored.priorities, key=lambda row: row.name)) if stored else ()
    if priorities == known:
        priorities = None
    if stored and priorities:
        label = label_of("priorities")
        differences.append(Difference(label, in_words(known), in_words(priorities)))
    after = _DEFAULTS | before | fields
    return Compared(fields, priorities, differences, _problems(rows, before, after, call))


_DEFAULTS = {
    "status": ProjectStatus.SUBMITTED.value,
    "amount_kind": AmountKind.NOT_PUBLISHED.value,
    "amount_eur": None,
    "starts_on": None,
    "ends_on": None,
    "published_at": None,
}


def _problems(
    rows: ProjectRows, before: dict[str, Any], after: dict[str, Any], call: Call
) -> list[Problem]:
    """Where the record, as it would be, breaks a rule. Each names the cell that is to blame."""
    found = []
    has_amount, kind = after["amount_eur"] is not None, after["amount_kind"]
    if has_amount == (kind == AmountKind.NOT_PUBLISHED):
        found.append(("amount", constraint_message("project_amount_has_a_kind")))
    found.append(("amount_kind", amount_kind_error(kind, after["status"])))
    if after["starts_on"] and after["ends_on"] and after["ends_on"] < after["starts_on"]:
        found.append(("ends_on", constraint_message("project_ends_on_is_at_least_starts_on")))
    if "amount" in rows.values:
        found.append(("amount", amount_error(call, after["amount_eur"])))
    if before:
        found.append(("status", _refusal_of_step(before["status"], after["status"])))
    return [
        Problem(rows.row, column, in_words(rows.values.get(column)), why)
        for column, why in found
        if why
    ]


def _refusal_of_step(before: str, after: str) -> str:
    """A status changes by steps; a file says it of new projects only."""
    if before == after:
        return ""
    return _("This project is %(status)s here. A status changes by a step on its page.") % {
        "status": ProjectStatus(before).label
    }


def label_of(field: str) -> str:
    named: Any = Project._meta.get_field(field)
    return capfirst(str(named.verbose_name))


def shown(field: str, value: Any) -> str:
    """A recorded value as staff read it; "" for none."""
    if field == "status":
        return str(ProjectStatus(value).label)
    if field == "amount_kind":
        return str(AmountKind(value).label)
    if isinstance(value, Decimal):
        return eur(value)
    if isinstance(value, date):
        return describe(value, Precision.DAY)
    return value or ""
