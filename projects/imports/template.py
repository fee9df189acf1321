"""The template of an import, with its columns in order: `fields_and_columns.toml` declares them."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy

from partners.facts import PARTNER
from projects.facts import PARTNERSHIP, PROJECT
from projects.imports.problems import MOST_COLUMNS, MOST_ROWS, Problem, Refused, refuse
from psf.exports.files import safe_row

SHEET = "Projects"
WIDTHS = {"title": 40, "summary": 40, "description": 40, "partner_name": 40}
REQUIRED = ["reference", "title", "partner_role", "partner_name", "partner_country"]
# The order of the template, which people know. Other declared columns come last.
ORDER = [
    *["reference", "acronym", "title", "summary", "description", "starts_on", "ends_on", "status"],
    *["amount", "amount_kind", "currency", "total_cost", "requested_amount", "received_on"],
    *["website", "priority", "topics"],
]
ORDER_OF_PARTNER = ["partner_role", "partner_name", "partner_country", "partner_kind"]
PROJECT_COLUMNS = list(dict.fromkeys([*ORDER, *PROJECT.columns()]))
PARTNER_COLUMNS = list(
    dict.fromkeys([*ORDER_OF_PARTNER, *PARTNERSHIP.columns(), *PARTNER.columns()])
)
# Columns that need the permission to decide.
DECIDED = [name for name, fact in PROJECT.columns().items() if fact.decides]
_DECLARED = {
    name: (facts, fact)
    for facts in [PROJECT, PARTNERSHIP, PARTNER]
    for name, fact in facts.columns().items()
}
# The field of the model by column. A currency is no field.
FIELDS: dict[str, Any] = {name: facts.field_of(fact) for name, (facts, fact) in _DECLARED.items()}
_INSTRUCTIONS: dict[str, str | Promise] = {
    "currency": gettext_lazy("EUR or empty. All amounts are in EUR."),
    **{name: facts.instruction(fact) for name, (facts, fact) in _DECLARED.items()},
}
COLUMNS = {name: _INSTRUCTIONS[name] for name in [*PROJECT_COLUMNS, *PARTNER_COLUMNS]}
# The names of the many-to-many fields, and of the other fields that a file changes.
_OF_PROJECT = {name: FIELDS[name] for name in PROJECT_COLUMNS if name in FIELDS}
TERMS = {name: field.name for name, field in _OF_PROJECT.items() if field.many_to_many}
VALUES = {
    name: field.name for name, field in _OF_PROJECT.items() if name not in ["reference", *TERMS]
}


def columns_for(*, may_decide: bool) -> dict[str, str | Promise]:
    """The columns that a person may fill in, each with its instruction."""
    return {name: text for name, text in COLUMNS.items() if may_decide or name not in DECIDED}


def read_columns(heads: list[object]) -> list[str]:
    """The columns of the first row, without empty cells at the end. Raises `Refused`."""
    names = [_column(head) for head in heads]
    while names and not names[-1]:
        names.pop()
    if len(names) > MOST_COLUMNS:
        raise refuse(
            _("The file has %(count)d columns. At most %(most)d are allowed.")
            % {"count": len(names), "most": MOST_COLUMNS}
        )
    if not set(names) & COLUMNS.keys():
        why = _("The first row has no column names.") + _all_columns()
        raise refuse(why, row=1, value="; ".join(names))
    if problems := [Problem(1, name, "", why) for name, why in _wrong_names(names)]:
        raise Refused(problems)
    return names


def _column(head: object) -> str:
    """The column of a heading: "Partner name" is `partner_name`. An unknown heading stays."""
    text = "" if head is None else str(head).strip()
    name = "_".join(text.lower().split())
    return name if name in COLUMNS else text


def _all_columns() -> str:
    return _(" The columns are: %(columns)s.") % {"columns": ", ".join(COLUMNS)}


def _wrong_names(names: list[str]) -> Iterator[tuple[str, str]]:
    """Unknown, duplicate and missing columns, each with an explanation."""
    unknown = [name for name in dict.fromkeys(names) if name not in COLUMNS]
    for name in unknown:
        columns = _all_columns() if name == unknown[0] else ""
        yield name, _("This column does not exist.") + columns
    for name in COLUMNS:
        if names.count(name) > 1:
            yield name, _("Two columns have this name. Delete one.")
    for name in REQUIRED:
        if name not in names:
            yield name, _("This column is missing.")


def column_table(*, may_decide: bool) -> list[tuple[str, bool, str, list[str]]]:
    """Each column: name, whether it is required, what to enter, allowed words."""
    return [
        (name, name in REQUIRED, str(meaning), _allowed_words(name))
        for name, meaning in columns_for(may_decide=may_decide).items()
    ]


def _allowed_words(column: str) -> list[str]:
    if column in TERMS:
        return list(FIELDS[column].related_model.objects.values_list("name", flat=True))
    if column == "currency":
        return ["EUR"]
    return [value for value, _label in FIELDS[column].flatchoices or []]


def workbook(*, may_decide: bool) -> bytes:
    """A sheet to fill in, with lists of the allowed words, and a sheet of explanations."""
    # Imported here to save memory: few requests need a workbook.
    from xlsxwriter import Workbook
    from xlsxwriter.utility import xl_range_abs

    file = BytesIO()
    with Workbook(file, {"strings_to_urls": False}) as book:
        bold = book.add_format({"bold": True})
        sheet, explanation = map(book.add_worksheet, [SHEET, _("Allowed values")])
        sheet.freeze_panes(1, 0)
        heads = [_("Column"), _("Required"), _("What to enter"), _("Allowed words")]
        explanation.write_row(0, 0, heads, bold)
        columns = column_table(may_decide=may_decide)
        for place, (name, required, meaning, words) in enumerate(columns):
            sheet.set_column(place, place, WIDTHS.get(name, 18))
            sheet.write_string(0, place, name, bold)
            explained = [name, _("yes") if required else "", meaning, *safe_row(words)]
            explanation.write_row(place + 1, 0, explained)
            if words and name not in TERMS:  # a cell may name several terms
                offered = xl_range_abs(place + 1, 3, place + 1, 2 + len(words))
                rule = {"validate": "list", "source": f"='{explanation.name}'!{offered}"}
                sheet.data_validation(1, place, MOST_ROWS, place, rule)
        for place, width in enumerate([18, 10, 70]):
            explanation.set_column(place, place, width)
    return file.getvalue()
