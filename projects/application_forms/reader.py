"""Reads a filled application form back, by the labels of its cells.

Every cell is read, or named as a fault or a note. The sums of the form are calculated again.
"""

import hashlib
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from projects.application_forms.checks import heads
from projects.application_forms.layout import (
    AMOUNT,
    BUDGET,
    CHECK,
    DAY,
    LINE,
    LISTS,
    READ_ME,
    Form,
    FormField,
    FormSheet,
    Values,
    budgets_of,
    partners_of,
)
from projects.eligibility.rules import RuleFinding
from projects.imports.file_rows import (
    MERGED,
    check_format,
    damage_refused,
    open_workbook,
    value_of,
)
from projects.imports.organisations import Key, key_of
from projects.imports.problems import Refused, printable, refuse
from projects.models import Project
from projects.models.application_forms import WHOLE_PROJECT
from psf.database.constraints import validate_amount
from psf.files.types import MEGABYTE
from psf.text.folding import fold

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
Sheet = dict[Spot, "Cell"]  # the filled cells
Places = dict[Spot, tuple[FormField, int]]  # the cells to fill in: field and number of the partner


@dataclass
class ReadForm:
    """An application as its form says, with faults and notes. With faults nothing is saved.

    Faults and notes name cells in the words of the form. `obstacles` are reasons not to save it
    that no applicant can correct. `reference` and the moment of receipt, in the time zone of the
    call, belong to the application that the form becomes; `recorded` is that application if it is
    saved already, `differences` are label, recorded words and new words, and `findings` says what
    the rules of the call find.
    """

    file_name: str
    content: bytes
    values: Values = field(default_factory=lambda: {WHOLE_PROJECT: {}})
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    obstacles: list[str] = field(default_factory=list)
    reference: str = ""
    received_on: date | None = None
    received_time: time | None = None
    recorded: Project | None = None
    differences: list[tuple[str, str, str]] = field(default_factory=list)
    findings: list[RuleFinding] = field(default_factory=list)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @property
    def project(self) -> dict[str, Any]:
        """The values of the whole project."""
        return self.values[WHOLE_PROJECT]

    def title(self) -> str:
        return str(self.project.get("title", ""))

    def key(self) -> tuple[str, str]:
        """What tells applications apart: title and name of the lead partner, folded."""
        return fold(self.title()), fold(self.values.get(1, {}).get("partner_name", ""))

    def address(self) -> str:
        """The mail address of the contact person; "" if the form has none that can be read."""
        return str(self.project.get("email", ""))


def read_form(
    content: bytes, file_name: str, form: Form, recorded: Values | None = None
) -> ReadForm:
    """The application in a file. A file that is no form of the call has one fault.

    A cell with the same words as in `recorded` is no fault, whatever the call allows now.
    """
    result = ReadForm(file_name, content)
    try:
        _check_file(content)
        with damage_refused():
            reader = _FormReader(form, result, recorded or {})
            reader.open(content)
        reader.read_identity()
    except Refused as refusal:
        result.faults += [problem.why for problem in refusal.problems]
    if not result.faults:
        reader.read()
    return result


def _check_file(content: bytes) -> None:
    """Raises `Refused` for a file that cannot be a form, before anything is unpacked."""
    check_format(content)
    if not content.startswith(b"PK"):
        raise refuse(_("This is not a workbook. Use the application form (.xlsx) of the call."))
    if len(content) > MOST_BYTES:
        raise refuse(_("The file has more than 2 MB. Remove pictures and use the form as it was."))


def _flat(text: object) -> str:
    return " ".join(str(text).split())


def _rows_of(sheet: FormSheet, cells: Sheet) -> dict[int, int]:
    """The number of the partner in each row."""
    numbers = sheet.numbers()
    return {
        row: int(cell.value)
        for (row, column), cell in cells.items()
        if column == 1 and cell.value in numbers
    }


def locate(sheet: FormSheet, cells: Sheet) -> Places:
    """The cells to fill in of a sheet, by the labels and by the numbers of the partners."""
    spots = defaultdict[str, list[Spot]](list)
    for spot, cell in cells.items():
        spots[_flat(cell.value)].append(spot)
    rows, places = _rows_of(sheet, cells), Places()
    for field_ in sheet.fields:
        if len(found := spots[_flat(field_.caption())]) != 1:
            continue
        [(head, column)] = found
        if sheet.is_table:
            below = ((row, number) for row, number in rows.items() if row > head)
            places |= {(row, column): (field_, number) for row, number in below}
        else:
            places[head, column + 1] = field_, WHOLE_PROJECT
    return places


class _FormReader:
    """Reads the sheets of one form into a `ReadForm`."""

    def __init__(self, form: Form, result: ReadForm, recorded: Values) -> None:
        self.form = form
        self.result = result
        self.recorded = recorded
        self.sheets = dict[str, Sheet]()
        self.places = list[tuple[str, FormField, int]]()  # cell, field and number of the partner

    def open(self, content: bytes) -> None:
        """Load the identity of the form and the cells of the visible sheets."""
        reader = open_workbook(content, MOST_PARTS, MOST_UNPACKED)
        self.identity = {prop.name: str(prop.value) for prop in reader.wb.custom_doc_props.props}
        parts = {entry.name: part.target for entry, part in reader.parser.find_sheets()}
        for sheet in reader.wb.worksheets:
            if sheet.sheet_state != "visible":
                continue
            for ref in MERGED.findall(reader.archive.read(parts[sheet.title].lstrip("/"))):
                why = _("These cells are merged. Use the form as it was.")
                self._report(f"{printable(sheet.title)} {ref.decode()}", why)
            sheet.reset_dimensions()  # the declared size may be wrong
            rows = sheet.iter_rows(max_row=MOST_ROWS, max_col=MOST_COLUMNS)
            cells = (cell for row in rows for cell in row)
            self.sheets[sheet.title] = {  # a damaged cell fails here
                (cell.row, cell.column): cell for cell in cells if value_of(cell) is not None
            }

    def read_identity(self) -> None:
        """Compare call and version of the form, where a program kept them.

        An older form is read by the labels, limits and questions that it was made with. Raises
        `Refused` for the form of another call.
        """
        call, changes = self.identity.get("form_call"), self.identity.get("form_changes")
        if call not in [None, self.form.call.slug]:
            raise refuse(
                _("This is the form of another call (%(call)s).") % {"call": printable(call)}
            )
        if changes and changes != str(len(self.form.versions)):
            known = int(changes) if re.fullmatch("[0-9]{1,6}", changes) else 0
            later = [line for row in self.form.versions[known:] for line in row.changes]
            note = _("The form is older than the rules and questions. Check the answers.")
            self.result.notes.append(" ".join([note, *later]))
            self.form = Form(self.form.call, known)

    def read(self) -> None:
        used, notes = set(OWN_SHEETS), self.result.notes
        for sheet in self.form.sheets:
            found = {title: locate(sheet, cells) for title, cells in self.sheets.items()}
            # The sheet with most labels of the form; its name decides among equals.
            title = max(found, key=lambda t: (len(found[t]), t == sheet.name), default="")
            if not found.get(title):
                why = _("The sheet, its labels or its numbers are missing. Use the form as it was.")
                self._report(sheet.name, why)
                continue
            used.add(title)
            if title != sheet.name:
                note = _("The sheet “%(title)s” was read as “%(name)s”.")
                notes.append(note % {"title": printable(title), "name": sheet.name})
            self._read_sheet(sheet, title, found[title])
        for title in self.sheets.keys() - used:
            notes.append(_("Not read: the sheet “%(title)s”.") % {"title": printable(title)})
        self._check_cells()
        self._check_budgets()
        # Numbered without gaps, as the records are.
        partners = enumerate(partners_of(self.result.values).values(), start=1)
        self.result.values = {WHOLE_PROJECT: self.result.project, **dict(partners)}

    def _read_sheet(self, sheet: FormSheet, title: str, places: Places) -> None:
        cells, located = self.sheets[title], {field_ for field_, _number in places.values()}
        # A form from before a list became longer has fewer cells for it.
        for lost in (row for row in sheet.fields if row.place <= 1 and row not in located):
            why = _("The label is missing, changed or there twice. Use the form as it was.")
            self._report(printable(title), why, lost)
        numbers = _rows_of(sheet, cells)
        counts = Counter(numbers.values())
        if wrong := [str(n) for n in sheet.numbers() if sheet.is_table and counts[n] != 1]:
            why = _("The rows of these partners are missing or there twice: %(numbers)s.")
            self._report(printable(title), why % {"numbers": ", ".join(wrong)})
        own = {_flat(field_.caption()) for field_ in sheet.fields}
        own |= {sheet.name, sheet.instruction, _("No"), _("All")}
        own |= {label for label, _width in heads(sheet).values()}
        self.places += [(_place(title, spot), *which) for spot, which in places.items()]
        for (row, column), cell in cells.items():
            place, is_number = _place(title, (row, column)), column == 1 and row in numbers
            if (row, column) in places:
                self._read_cell(place, cell, *places[row, column])
            elif not (is_number or cell.data_type == "f" or _flat(cell.value) in own):
                self._note(place, _("is not part of the form: “%(text)s”"), cell.value)

    def _read_cell(self, place: str, cell: "Cell", field_: FormField, number: int) -> None:
        """Keep the value of a cell; "" for one that is neither empty nor readable."""
        value, recorded = value_of(cell), self.recorded.get(number, {})
        try:
            content = self.form.read(field_, value)
        except ValidationError as error:
            content = self.form.value(field_, recorded)
            if value != self.form.content(field_, recorded):
                self._report(place, " ".join(error.messages), field_)
                content = ""
        if content and isinstance(value, int | float) and field_.kind not in [AMOUNT, DAY]:
            self._note(place, _("is a number and was read as “%(text)s”"), content)
        if field_.kind == LINE and "\n" in str(value).strip():
            self._note(place, _("has an end of line, read as a blank"), content)
        if content is not None:
            row = self.result.values.setdefault(number, {})
            several = (*row.get(field_.key, ()), content) if field_.place else content
            row[field_.key] = several

    def _check_cells(self) -> None:
        """Report empty cells that are required, and an organisation that is there twice."""
        values, names = self.result.values, dict[Key, int]()
        for place, field_, number in self.places:
            row, is_used = values.get(number, {}), number in [WHOLE_PROJECT, 1, *values]
            if field_.required and is_used and field_.key not in row:
                self._report(place, _("This cell is empty. Fill it in."), field_)
            elif field_.key == "partner_name" and row.get("partner_name"):
                key = key_of(row["partner_name"], row.get("partner_country", ""))
                if (other := names.setdefault(key, number)) != number:
                    why = _("Row %(number)d names this organisation too. Keep one of the two rows.")
                    self._report(place, why % {"number": other}, field_)

    def _check_budgets(self) -> None:
        budgets = budgets_of(self.result.values)
        try:
            validate_amount(sum((budget.costs() for budget in budgets), Decimal()))
        except ValidationError as error:
            why = _("The sum of all costs: %(why)s")
            self._report(BUDGET, why % {"why": " ".join(error.messages)})
        for budget in budgets:
            is_read = "" not in self.result.values[budget.number].values()
            if is_read and budget.grant() < 0:
                why = _("Own share and other funding are higher than the costs of %(name)s.")
                self._report(BUDGET, why % {"name": printable(budget.name)})

    def _report(self, place: str, why: str, field_: FormField | None = None) -> None:
        place = f"{place}, “{field_.label}”" if field_ else place
        self.result.faults.append(f"{place}: {why}")

    def _note(self, place: str, words: str, text: object) -> None:
        self.result.notes.append(f"{place} {words % {'text': printable(str(text))}}.")


def _place(title: str, spot: Spot) -> str:
    """ "Project B4" """
    from openpyxl.utils import get_column_letter

    row, column = spot
    return f"{printable(title)} {get_column_letter(column)}{row}"
