"""Reads a filled application form back, by the labels of its cells.

Every cell is read, or named as a fault or a note. The sums of the form are calculated again.
"""

import hashlib
import zipfile
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, Any, NamedTuple

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from projects.application_forms.layout import (
    AMOUNT,
    ANSWER,
    BUDGET,
    CHECK,
    DAY,
    FIRST_ROW,
    LINE,
    LISTS,
    MOST_PARTNERS,
    PARTNERS,
    PROJECT,
    READ_ME,
    Form,
    FormField,
    FormSheet,
)
from projects.imports.cells import NOTATIONS, PLAIN, CellReader, amount_in_cell, read_text
from projects.imports.columns import COLUMNS, TERMS
from projects.imports.file_rows import (
    MERGED,
    UNREADABLE,
    Unreadable,
    check_format,
    check_kind,
    value_of,
)
from projects.imports.parser import PartnerRow, ProjectRows
from projects.imports.problems import Refused, check_archive, printable, refuse
from projects.models import PartnerBudget, Role
from projects.models.application_forms import WHOLE_PROJECT
from psf.files.types import DIRECTORY_ENTRY, MEGABYTE

if TYPE_CHECKING:
    from openpyxl.cell import Cell

# Twenty times the largest form that people filled in.
MOST_BYTES, MOST_UNPACKED = 2 * MEGABYTE, 5 * MEGABYTE
MOST_PARTS = 60
# Of a sheet. The form has less.
MOST_ROWS = 400
MOST_COLUMNS = 60
OWN_SHEETS = [READ_ME, CHECK, LISTS]

Spot = tuple[int, int]  # row and column, counted from 1
Cells = dict[Spot, "Cell"]


class Fault(NamedTuple):
    """What is wrong with a cell, in the words of the form."""

    sheet: str
    cell: str
    label: str
    why: str

    def __str__(self) -> str:
        place = " ".join(part for part in [self.sheet, self.cell] if part)
        label = _("“%(label)s”") % {"label": self.label} if self.label else ""
        return ": ".join(
            part for part in [", ".join(filter(None, [place, label])), self.why] if part
        )


Key = tuple[str, str, int]  # sheet, key of the field, number of the partner (1 outside tables)


@dataclass
class ReadForm:
    """An application as its form says, with faults and notes. With faults nothing is saved.

    `cells` has the value of each filled cell: text, day, amount, code of a country or a kind, or a
    tuple of terms.
    """

    file_name: str
    content: bytes
    cells: dict[Key, Any] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    def of(self, sheet: str, number: int = 1) -> dict[str, Any]:
        """The values of a sheet, or of one partner in a table, by key of the field."""
        return {
            key: value
            for (name, key, place), value in self.cells.items()
            if (name, place) == (sheet, number)
        }

    def title(self) -> str:
        return str(self.of(PROJECT).get("title", ""))

    def partners(self) -> dict[int, dict[str, Any]]:
        """The facts of each partner by number; 1 is the lead partner."""
        numbers = sorted({number for name, _key, number in self.cells if name == PARTNERS})
        return {number: self.of(PARTNERS, number) for number in numbers}

    def budgets(self) -> list[PartnerBudget]:
        """The budget of each partner with amounts, not saved."""
        names = {number: facts.get("partner_name", "") for number, facts in self.partners().items()}
        numbers = sorted({number for name, _key, number in self.cells if name == BUDGET})
        return [
            PartnerBudget(number=number, name=names.get(number, ""), **self.of(BUDGET, number))
            for number in numbers
        ]

    def answers(self) -> dict[tuple[int, int], str]:
        """The answers by key of the question and number of the partner."""
        return {
            (int(key.removeprefix(ANSWER)), number if name == PARTNERS else WHOLE_PROJECT): value
            for (name, key, number), value in self.cells.items()
            if key.startswith(ANSWER)
        }

    def places(self) -> list[str]:
        """The codes of the places of activity."""
        return [
            value for key, value in self.of(PROJECT).items() if key.startswith("activity_countries")
        ]

    def rows(self, reference: str, row: int, received_on: date | None) -> ProjectRows:
        """The application as rows of an import. Facts of organisations are not among them."""
        values: dict[str, Any] = {"reference": reference}
        for key, value in self.of(PROJECT).items():
            column = key.rpartition("-")[0] or key
            values[column] = (*values.get(column, ()), *value) if column in TERMS else value
        values.pop("activity_countries", None)
        if budgets := self.budgets():
            values["total_cost"] = sum((budget.costs() for budget in budgets), Decimal())
            values["requested_amount"] = sum((budget.grant() for budget in budgets), Decimal())
        if received_on:
            values["received_on"] = received_on
        partners = [
            PartnerRow(
                row,
                Role.LEAD if number == 1 else Role.PARTNER,
                facts["partner_name"],
                facts["partner_country"],
            )
            for number, facts in self.partners().items()
        ]
        return ProjectRows(row, reference, values, notes=[*self.notes], partners=partners)


def read_form(content: bytes, file_name: str, form: Form) -> ReadForm:
    """The application in a file. A file that is no form of the call has one fault."""
    result = ReadForm(file_name, content)
    try:
        _check_file(content)
        sheets, properties, merged = _open(content)
    except Refused as refusal:
        result.faults += [Fault("", "", "", problem.why) for problem in refusal.problems]
        return result
    reader = _FormReader(form, result, sheets)
    reader.read_identity(properties)
    result.faults += [
        Fault(sheet, spot, "", _("These cells are merged. Use the form as it was."))
        for sheet, spot in merged
    ]
    if not result.faults:
        reader.read()
    return result


def _check_file(content: bytes) -> None:
    """Raises `Refused` for a file that cannot be a form, before anything is unpacked."""
    if not content:
        raise refuse(_("The file is empty."))
    check_format(content[:512])
    if not content.startswith(b"PK"):
        raise refuse(_("This is not a workbook. Use the application form (.xlsx) of the call."))
    if len(content) > MOST_BYTES:
        raise refuse(_("The file has more than 2 MB. Remove pictures and use the form as it was."))
    if content.count(DIRECTORY_ENTRY) > MOST_PARTS:
        raise refuse(_("The workbook has too many parts. Copy the answers into an empty form."))
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            if sum(part.file_size for part in archive.infolist()) > MOST_UNPACKED:
                raise refuse(_("Unpacked, the workbook is too large. Use an empty form."))
            check_archive(archive)
            check_kind(archive)
    except zipfile.BadZipFile:
        raise refuse(str(UNREADABLE)) from None


def _open(content: bytes) -> tuple[dict[str, Cells], dict[str, str], list[tuple[str, str]]]:
    """The cells of the visible sheets, the identity of the form, and merged cells."""
    # Imported here to save memory: few requests need openpyxl.
    from openpyxl.reader.excel import ExcelReader

    try:
        reader = ExcelReader(BytesIO(content), read_only=True, keep_links=False)
        reader.read()
        properties = {prop.name: str(prop.value) for prop in reader.wb.custom_doc_props.props}
        sheets, merged = {}, list[tuple[str, str]]()
        parts = {entry.name: part.target for entry, part in reader.parser.find_sheets()}
        for sheet in reader.wb.worksheets:
            if sheet.sheet_state != "visible":
                continue
            text = reader.archive.read(parts[sheet.title].lstrip("/"))
            merged += [(sheet.title, ref.decode()) for ref in MERGED.findall(text)]
            sheet.reset_dimensions()  # the declared size may be wrong
            rows = sheet.iter_rows(max_row=MOST_ROWS, max_col=MOST_COLUMNS)
            cells = (cell for row in rows for cell in row)
            sheets[sheet.title] = {
                (cell.row, cell.column): cell for cell in cells if cell.value is not None
            }
    except Exception:  # openpyxl raises many kinds of errors for a damaged file
        raise refuse(str(UNREADABLE)) from None
    return sheets, properties, merged


def _flat(text: object) -> str:
    return " ".join(str(text).split())


def locate(sheet: FormSheet, cells: Cells) -> tuple[dict[str, dict[int, Spot]], list[FormField]]:
    """The cell of each field, by number of the partner in a table; and the fields without cells."""
    texts = defaultdict[str, list[Spot]](list)
    for spot, cell in cells.items():
        texts[_flat(cell.value)].append(spot)
    places, lost = {}, []
    for field_ in sheet.fields:
        spots = texts[_flat(field_.caption())]
        if len(spots) != 1:
            lost.append(field_)
            continue
        (row, column), spot = spots[0], spots[0]
        if not sheet.is_table:
            places[field_.key] = {1: (row, column + 1)}
            continue
        rows = {
            int(cell.value): below
            for (below, beside), cell in cells.items()
            if beside == 1 and below > spot[0] and isinstance(cell.value, int | float)
        }
        places[field_.key] = {
            number: (rows[number], column)
            for number in range(1, MOST_PARTNERS + 1)
            if number in rows
        }
    return places, lost


class _FormReader:
    """Reads the sheets of one form into a `ReadForm`."""

    def __init__(self, form: Form, result: ReadForm, sheets: dict[str, Cells]) -> None:
        self.form = form
        self.result = result
        self.sheets = sheets
        self.columns = CellReader(NOTATIONS[PLAIN])
        self.unreadable = set[Key]()

    def read_identity(self, properties: dict[str, str]) -> None:
        """Compare call and version of the form, where a program kept them."""
        call, version = properties.get("form_call"), properties.get("form_version")
        if call is not None and call != self.form.call.slug:
            why = _("This is the form of another call (%(call)s).") % {"call": printable(call)}
            self._report("", None, "", why)
        elif version is not None and version != self.form.version:
            self._note(_("The form is older than the rules and questions. Check the answers."))

    def read(self) -> None:
        used = set(OWN_SHEETS)
        for sheet in self.form.sheets:
            title, places, lost = self._best_sheet(sheet)
            if len(lost) == len(sheet.fields):
                if sheet.fields:
                    self._report(sheet.name, None, "", _("This sheet is missing."))
                continue
            used.add(title)
            if title != sheet.name:
                words = {"title": printable(title), "name": sheet.name}
                self._note(_("The sheet “%(title)s” was read as “%(name)s”.") % words)
            for lost_field in lost:
                why = _("The label is missing, changed or there twice. Use the form as it was.")
                self._report(title, None, lost_field.label, why)
            self._read_sheet(sheet, title, places)
            self._note_unread_cells(sheet, title, places)
        for title in self.sheets.keys() - used:
            self._note(_("Not read: the sheet “%(title)s”.") % {"title": printable(title)})
        self._check_budget()

    def _best_sheet(
        self, sheet: FormSheet
    ) -> tuple[str, dict[str, dict[int, Spot]], list[FormField]]:
        """The sheet with most labels of the form; its name decides among equals."""
        tried = [(title, *locate(sheet, cells)) for title, cells in self.sheets.items()]
        tried.append(("", {}, sheet.fields))
        return min(tried, key=lambda row: (len(row[2]), row[0] != sheet.name))

    def _read_sheet(self, sheet: FormSheet, title: str, places: dict[str, dict[int, Spot]]) -> None:
        located = [field_ for field_ in sheet.fields if field_.key in places]
        for field_ in located:
            for number, spot in places[field_.key].items():
                self._read_cell(sheet, title, spot, field_, number)
        used = {number for name, _key, number in self.result.cells if name == sheet.name} | {1}
        for field_ in located:
            for number, spot in places[field_.key].items():
                key = (sheet.name, field_.key, number)
                is_missing = key not in self.result.cells and key not in self.unreadable
                if field_.required and number in used and is_missing:
                    self._report(title, spot, field_.label, _("This cell is empty. Fill it in."))

    def _read_cell(
        self, sheet: FormSheet, title: str, spot: Spot, field_: FormField, number: int
    ) -> None:
        cell, key = self.sheets[title].get(spot), (sheet.name, field_.key, number)
        if cell is None:
            return
        value = value_of(cell)
        try:
            if isinstance(value, Unreadable):
                raise ValidationError(value.why)
            content = self._content(title, spot, field_, value)
        except ValidationError as error:
            self.unreadable.add(key)
            self._report(title, spot, field_.label, " ".join(error.messages))
        else:
            if content not in (None, ""):
                self.result.cells[key] = content

    def _content(self, title: str, spot: Spot, field_: FormField, value: object) -> Any:
        """The value of a filled cell. Raises ValidationError."""
        column = _column_of(field_)
        if field_.kind == AMOUNT:
            return amount_in_cell(value, NOTATIONS[PLAIN])
        if field_.kind == DAY:
            return self.columns.read(column, value)
        text = read_text(value)
        if not isinstance(value, str):
            self._note_cell(title, spot, _("is a number and was read as “%(text)s”"), text)
        if field_.kind == LINE and "\n" in text:
            self._note_cell(title, spot, _("has an end of line, read as a blank"), text)
            text = " ".join(text.split())
        if field_.key == "email" and text:
            validate_email(text)
        if field_.limit and len(text) > field_.limit:
            words = {"length": len(text), "most": field_.limit}
            why = _("The text has %(length)d characters. At most %(most)d are allowed.")
            raise ValidationError(why % words)
        if field_.key == "partner_name_language":
            text = text.partition(" ")[0]
        return self.columns.read(column, text) if column in COLUMNS else text

    def _check_budget(self) -> None:
        """Report budgets without a partner, and a grant below zero."""
        partners = self.result.partners()
        for budget in self.result.budgets():
            if budget.number not in partners:
                why = _("Row %(number)d has amounts but no partner.") % {"number": budget.number}
                self._report(BUDGET, None, "", why)
            elif budget.grant() < 0 and not any(
                (name, number) == (BUDGET, budget.number) for name, _key, number in self.unreadable
            ):
                why = _("Own share and other funding are higher than the costs of %(name)s.")
                self._report(BUDGET, None, "", why % {"name": printable(budget.name)})

    def _note_unread_cells(
        self, sheet: FormSheet, title: str, places: dict[str, dict[int, Spot]]
    ) -> None:
        """Name each cell with content that the form does not have."""
        inputs = {spot for spots in places.values() for spot in spots.values()}
        captions = {_flat(field_.caption()) for field_ in sheet.fields}
        first = min(row for row, _column in inputs) if sheet.is_table else FIRST_ROW
        for spot, cell in self.sheets[title].items():
            row, column = spot
            is_number_of_partner = sheet.is_table and column == 1
            is_form = (
                spot in inputs
                or row < first
                or cell.data_type == "f"
                or is_number_of_partner
                or _flat(cell.value) in captions
            )
            if not is_form:
                self._note_cell(title, spot, _("is not part of the form: “%(text)s”"), cell.value)

    def _report(self, title: str, spot: Spot | None, label: str, why: str) -> None:
        cell = _address(spot) if spot else ""
        self.result.faults.append(Fault(printable(title), cell, label, why))

    def _note(self, note: str) -> None:
        self.result.notes.append(note)

    def _note_cell(self, title: str, spot: Spot, words: str, text: object) -> None:
        place = f"{printable(title)} {_address(spot)}"
        self._note(f"{place} {words % {'text': printable(str(text))}}.")


def _column_of(field_: FormField) -> str:
    """The column of the import that reads a field, or its key."""
    if field_.options == "countries":
        return "partner_country"
    head, _sign, number = field_.key.rpartition("-")
    return head if number.isdecimal() and head else field_.key


def _address(spot: Spot) -> str:
    from openpyxl.utils import get_column_letter

    row, column = spot
    return f"{get_column_letter(column)}{row}"
