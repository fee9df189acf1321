"""Compares the cells of a project with the record, and checks the rules of the record."""

from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from projects.eligibility.award_limits import amount_error, constraint_error
from projects.imports.columns import TERMS, VALUES
from projects.imports.parser import ProjectRows, cell_text
from projects.imports.problems import Problem
from projects.models import Call, Priority, Project, ProjectStatus, Topic
from psf.history.tracking import fields_of
from psf.history.words import field_label, format_value
from psf.text.dates import Precision

# Days in a file have the precision of a day.
PRECISIONS = {"starts_on": "starts_precision", "ends_on": "ends_precision"}
# The constraints of projects that a file may break, each with the column of its error.
CONSTRAINTS = {
    "project_amount_has_a_kind": "amount",
    "project_ceiling_is_not_zero": "amount",
    "project_award_is_of_a_funded_project": "amount_kind",
    "project_ends_on_is_at_least_starts_on": "ends_on",
}
AMOUNT = ["amount_eur", "amount_kind"]


class FieldChange(NamedTuple):
    """The change of a field in words: label, recorded value, value in the file."""

    label: str
    old: str
    new: str


class ComparedFields(NamedTuple):
    fields: dict[str, Any]
    terms: dict[str, tuple[Priority | Topic, ...]]
    differences: list[FieldChange]
    problems: list[Problem]


def compare_fields(rows: ProjectRows, record: Project, call: Call) -> ComparedFields:
    """The changes of a project. An empty cell keeps the recorded value."""
    fields: dict[str, Any] = {}
    differences = []
    for column, name in VALUES.items():
        value, old = rows.values.get(column), getattr(record, name)
        if value is None or (record.pk and old == value):
            continue
        fields[name] = value
        if name in PRECISIONS:
            fields[PRECISIONS[name]] = Precision.DAY
        words = name_of_field(name), format_field(name, old), format_field(name, value)
        differences += [FieldChange(*words)] if record.pk else []
    terms = {}
    for column, name in TERMS.items():
        recorded = getattr(record, name).all() if record.pk else []
        terms_before = tuple(sorted(recorded, key=lambda row: row.name))
        new = rows.values.get(column, terms_before)
        if new != terms_before:
            terms[name] = new
            words = name_of_field(name), cell_text(terms_before), cell_text(new)
            differences += [FieldChange(*words)] if record.pk else []
    return ComparedFields(fields, terms, differences, _problems(rows, record, fields, call))


def _problems(
    rows: ProjectRows, record: Project, fields: dict[str, Any], call: Call
) -> list[Problem]:
    """The rules that the saved record would break, each with its column."""
    after = vars(record) | fields
    errors = [(column, constraint_error(name, after)) for name, column in CONSTRAINTS.items()]
    if "amount" in rows.values:
        errors.append(("amount", amount_error(call, after["amount_eur"])))
    funding = Project(call=call, status=after["status"], amount_kind=after["amount_kind"])
    funding.pk, funding.amount_eur = record.pk, after["amount_eur"]
    errors.append(("amount" if record.pk else "status", funding.funding_error()))
    if record.pk:
        errors.append(("status", _status_error(record.status, after["status"])))
    if hasattr(record, "agreement") and any(
        getattr(record, name) != after[name] for name in AMOUNT
    ):
        words = _("This project has an agreement. Change the amount in the form of the project.")
        errors.append(("amount", words))
    if getattr(record, "is_extended", False) and record.ends_on != after["ends_on"]:
        words = _(
            "This project was prolonged. Leave the cell empty, or change the end in the form."
        )
        errors.append(("ends_on", words))
    return [
        Problem(rows.row, column, cell_text(rows.values.get(column)), why)
        for column, why in errors
        if why
    ]


def _status_error(before: str, after: str) -> str:
    """A file sets the status of new projects only."""
    if before == after:
        return ""
    return _(
        "This project is recorded as %(status)s. Change the status on the page of the project."
    ) % {"status": ProjectStatus(before).label}


def name_of_field(name: str) -> str:
    field: Any = Project._meta.get_field(name)
    return field_label(field)


def format_field(name: str, value: object) -> str:
    """A value in words as in the history, "" for none. No field of a file names a record."""
    return format_value(fields_of(Project)[name], value)
