"""Reads a filled application form back, by the labels of its cells.

Every cell is read, or named as a fault or a note. The sums of the form are calculated again.
"""

import hashlib
import re
import zipfile
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from projects.application_forms.layout import (
    AMOUNT,
    ANSWER,
    BUDGET,
    CHECK,
    CONTACT,
    DAY,
    FIRST_ROW,
    LINE,
    LISTS,
    MOST_PARTNERS,
    PARTNERS,
    PROJECT,
    READ_ME,
    Cells,
    Form,
    FormField,
    FormSheet,
    Key,
)
from projects.eligibility.rules import RuleFinding
from projects.imports.cells import NOTATIONS, PLAIN, amount_in_cell, day_in_cell, read_text
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
from projects.models import PartnerBudget, Project, Role
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
RETURN = "_x000D_"  # what XLSX writes for the first half of an end of line of Windows

Spot = tuple[int, int]  # row and column, counted from 1
Sheet = dict[Spot, "Cell"]  # the filled cells


@dataclass
class ReadForm:
    """An application as its form says, with faults and notes. With faults nothing is saved.

    Faults and notes name cells in the words of the form. `reference` and the moment of receipt, in
    the time zone of the call, belong to the application that the form becomes; `recorded` is that
    application if it is saved already, and `findings` says what the rules of the call find.
    """

    file_name: str
    content: bytes
    cells: Cells = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    reference: str = ""
    received_on: date | None = None
    received_time: time | None = None
    recorded: Project | None = None
    findings: list[RuleFinding] = field(default_factory=list)

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

    def address(self) -> str:
        """The mail address of the contact person; "" if the form has none that can be read."""
        return str(self.of(CONTACT).get("email", ""))

    def numbers(self, sheet: str) -> list[int]:
        """The numbers of the partners with cells in a table; 1 is the lead partner."""
        return sorted({number for name, _key, number in self.cells if name == sheet})

    def partners(self) -> dict[int, dict[str, Any]]:
        """The facts of each partner by number."""
        return {number: self.of(PARTNERS, number) for number in self.numbers(PARTNERS)}

    def budgets(self) -> list[PartnerBudget]:
        """The budget of each partner with amounts, not saved."""
        names = {number: facts.get("partner_name", "") for number, facts in self.partners().items()}
        return [
            PartnerBudget(number=number, name=names.get(number, ""), **self.of(BUDGET, number))
            for number in self.numbers(BUDGET)
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

    def rows(self, row: int) -> ProjectRows:
        """The application as rows of an import. Facts of organisations are not among them."""
        values: dict[str, Any] = {"reference": self.reference}
        for key, value in self.of(PROJECT).items():
            column = key.rpartition("-")[0] or key
            is_term = column in TERMS and value not in values.get(column, ())
            values[column] = (*values.get(column, ()), value) if is_term else value
        values.pop("activity_countries", None)
        if budgets := self.budgets():
            values["total_cost"] = sum((budget.costs() for budget in budgets), Decimal())
            values["requested_amount"] = sum((budget.grant() for budget in budgets), Decimal())
        if self.received_on:
            values["received_on"] = self.received_on
        partners = [
            PartnerRow(row, Role.PARTNER, facts["partner_name"], facts["partner_country"])
            for facts in self.partners().values()
        ]
        partners[0].role = Role.LEAD
        return ProjectRows(row, self.reference, values, notes=[*self.notes], partners=partners)


def read_form(content: bytes, file_name: str, form: Form) -> ReadForm:
    """The application in a file. A file that is no form of the call has one fault."""
    result = ReadForm(file_name, content)
    try:
        _check_file(content)
        sheets, properties, merged = _open(content)
    except Refused as refusal:
        result.faults += [problem.why for problem in refusal.problems]
        return result
    reader = _FormReader(form, result, sheets)
    reader.read_identity(properties)
    why = _("These cells are merged. Use the form as it was.")
    result.faults += [f"{sheet} {cells}: {why}" for sheet, cells in merged]
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
            parts = archive.infolist()
            if sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise refuse(_("Unpacked, the workbook is too large. Use an empty form."))
            check_archive(archive)
            check_kind(archive)
    except zipfile.BadZipFile:
        raise refuse(str(UNREADABLE)) from None


def _open(content: bytes) -> tuple[dict[str, Sheet], dict[str, str], list[tuple[str, str]]]:
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


def locate(sheet: FormSheet, cells: Sheet) -> tuple[dict[str, dict[int, Spot]], list[FormField]]:
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
        row, column = spots[0]
        places[field_.key] = {1: (row, column + 1)}
        if sheet.is_table:
            places[field_.key] = {
                int(cell.value): (below, column)
                for (below, beside), cell in cells.items()
                if beside == 1 and below > row and cell.value in range(1, MOST_PARTNERS + 1)
            }
    return places, lost


class _FormReader:
    """Reads the sheets of one form into a `ReadForm`."""

    def __init__(self, form: Form, result: ReadForm, sheets: dict[str, Sheet]) -> None:
        self.form = form
        self.result = result
        self.sheets = sheets
        self.unreadable = set[Key]()

    def read_identity(self, properties: dict[str, str]) -> None:
        """Compare call and version of the form, where a program kept them."""
        call, version = properties.get("form_call"), properties.get("form_version")
        if call is not None and call != self.form.call.slug:
            why = _("This is the form of another call (%(call)s).") % {"call": printable(call)}
            self._report("", why)
        elif version is not None and version != self.form.version:
            number = properties.get("form_changes", "")
            known = int(number) if re.fullmatch("[0-9]{1,6}", number) else 0
            later = [line for row in self.form.versions[known:] for line in row.changes]
            note = _("The form is older than the rules and questions. Check the answers.")
            self._note(" ".join([note, *later]))

    def read(self) -> None:
        used = set(OWN_SHEETS)
        for sheet in self.form.sheets:
            title, places, lost = self._best_sheet(sheet)
            if len(lost) == len(sheet.fields):
                if sheet.fields:
                    self._report(sheet.name, _("This sheet is missing."))
                continue
            used.add(title)
            if title != sheet.name:
                words = {"title": printable(title), "name": sheet.name}
                self._note(_("The sheet “%(title)s” was read as “%(name)s”.") % words)
            for lost_field in lost:
                why = _("The label is missing, changed or there twice. Use the form as it was.")
                self._report(title, why, label=lost_field.label)
            if sheet.is_table and not any(places.values()):
                why = _("The numbers of the rows are missing. Use the form as it was.")
                self._report(title, why)
                continue
            self._read_sheet(sheet, title, places)
            self._note_unread_cells(sheet, title, places)
        for title in self.sheets.keys() - used:
            self._note(_("Not read: the sheet “%(title)s”.") % {"title": printable(title)})
        self._check_budget()
        self._close_gaps()

    def _best_sheet(
        self, sheet: FormSheet
    ) -> tuple[str, dict[str, dict[int, Spot]], list[FormField]]:
        """The sheet with most labels of the form; its name decides among equals."""
        tried = [(title, *locate(sheet, cells)) for title, cells in self.sheets.items()]
        tried.append(("", {}, sheet.fields))
        return min(tried, key=lambda row: (len(row[2]), row[0] != sheet.name))

    def _read_sheet(self, sheet: FormSheet, title: str, places: dict[str, dict[int, Spot]]) -> None:
        fields = [
            (field_, number, spot)
            for field_ in sheet.fields
            for number, spot in places.get(field_.key, {}).items()
        ]
        for field_, number, spot in fields:
            self._read_cell(sheet, title, spot, field_, number)
        used = {*self.result.numbers(sheet.name), 1}
        for field_, number, spot in fields:
            key = (sheet.name, field_.key, number)
            is_missing = key not in self.result.cells and key not in self.unreadable
            if field_.required and number in used and is_missing:
                self._report(title, _("This cell is empty. Fill it in."), spot, field_.label)

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
            self._report(title, " ".join(error.messages), spot, field_.label)
        else:
            if content not in (None, ""):
                self.result.cells[key] = content

    def _content(self, title: str, spot: Spot, field_: FormField, value: object) -> Any:
        """The value of a filled cell. Raises ValidationError."""
        if field_.kind == AMOUNT:
            return amount_in_cell(value, NOTATIONS[PLAIN])
        if isinstance(value, datetime) and field_.kind == DAY:
            return day_in_cell(value, NOTATIONS[PLAIN])
        text = read_text(value.replace(RETURN, "") if isinstance(value, str) else value)
        if not text:
            return ""
        if field_.kind == DAY:
            return day_in_cell(text, NOTATIONS[PLAIN])
        if not isinstance(value, str):
            self._note_cell(title, spot, _("is a number and was read as “%(text)s”"), text)
        if field_.kind == LINE and "\n" in text:
            self._note_cell(title, spot, _("has an end of line, read as a blank"), text)
            text = " ".join(text.split())
        if field_.options:
            return self._choice(field_, text)
        if field_.key == "email":
            validate_email(text)
        if field_.limit and len(text) > field_.limit:
            words = {"length": len(text), "most": field_.limit}
            why = _("The text has %(length)d characters. At most %(most)d are allowed.")
            raise ValidationError(why % words)
        return self.form.columns.read(field_.key, text) if field_.key in COLUMNS else text

    def _choice(self, field_: FormField, text: str) -> Any:
        """The value of a word of a list. Countries have further names."""
        words = self.form.lists[field_.options]
        for value, word in words.items():
            if text.casefold() in (word.casefold(), str(value).casefold()):
                return value
        if field_.options == "countries":
            return self.form.columns.read("partner_country", text)
        why = _("The list has no such word. Choose one, such as “%(word)s”.")
        raise ValidationError(why % {"word": next(iter(words.values()))})

    def _check_budget(self) -> None:
        """Report budgets without a partner, and a grant below zero."""
        partners = self.result.numbers(PARTNERS)
        unread = {number for name, _key, number in self.unreadable if name == BUDGET}
        for budget in self.result.budgets():
            why = ""
            if budget.number not in partners:
                why = _("Row %(number)d has amounts but no partner.")
            elif budget.grant() < 0 and budget.number not in unread:
                why = _("Own share and other funding are higher than the costs of %(name)s.")
            if why:
                words = {"number": budget.number, "name": printable(budget.name)}
                self._report(BUDGET, why % words)

    def _close_gaps(self) -> None:
        """Number the partners without gaps, as their records are."""
        places = {number: n for n, number in enumerate(self.result.numbers(PARTNERS), start=1)}
        tables = [PARTNERS, BUDGET]
        self.result.cells = {
            (name, key, places.get(number, number) if name in tables else number): value
            for (name, key, number), value in self.result.cells.items()
        }

    def _note_unread_cells(
        self, sheet: FormSheet, title: str, places: dict[str, dict[int, Spot]]
    ) -> None:
        """Name each cell with content that the form does not have."""
        inputs = {spot for spots in places.values() for spot in spots.values()}
        captions = {_flat(field_.caption()) for field_ in sheet.fields}
        first = min(row for row, _column in inputs) if sheet.is_table else FIRST_ROW
        for spot, cell in self.sheets[title].items():
            is_number_of_partner = sheet.is_table and spot[1] == 1
            is_of_form = spot in inputs or spot[0] < first or is_number_of_partner
            if not (is_of_form or cell.data_type == "f" or _flat(cell.value) in captions):
                self._note_cell(title, spot, _("is not part of the form: “%(text)s”"), cell.value)

    def _report(self, title: str, why: str, spot: Spot | None = None, label: str = "") -> None:
        cell = f"{printable(title)} {_address(spot)}" if spot else printable(title)
        place = [cell, f"“{label}”" if label else ""]
        self.result.faults.append(": ".join(filter(None, [", ".join(filter(None, place)), why])))

    def _note(self, note: str) -> None:
        self.result.notes.append(note)

    def _note_cell(self, title: str, spot: Spot, words: str, text: object) -> None:
        place = f"{printable(title)} {_address(spot)}"
        self._note(f"{place} {words % {'text': printable(str(text))}}.")


def _address(spot: Spot) -> str:
    from openpyxl.utils import get_column_letter

    row, column = spot
    return f"{get_column_letter(column)}{row}"
