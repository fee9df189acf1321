"""Reads the rows of a file into projects with partners, or reports all problems."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from projects.imports.cells import NOTATIONS, PLAIN, CellReader
from projects.imports.file_rows import check_format, read_csv, read_xlsx
from projects.imports.problems import MOST_PROBLEMS, Problem, Refused, printable, refuse
from projects.imports.template import PARTNER_COLUMNS, PROJECT_COLUMNS, REQUIRED, read_columns

Rows = Iterator[tuple[int, list[Any]]]


@dataclass(slots=True)
class PartnerRow:
    """A row of the file: a partner of a project. `country` is a code.

    Announcements may name the country alone. A file may not.
    """

    row: int
    role: str
    name: str
    country: str
    kind: str | None = None
    website: str | None = None
    name_language: str | None = None
    # In the plan: the new partner's organisation, without one only the name is stored; otherwise
    # the key of the recorded one. A form has the position, a table has none.
    organisation: Any = None
    recorded: int | None = None
    position: int = 0

    def partner_id(self) -> int | None:
        """The key of the organisation. A new organisation has none before saving."""
        return self.organisation.key() if self.organisation else self.recorded


@dataclass(slots=True)
class ProjectRows:
    """All rows of one project. `values` has no empty cells; `said` is the row of each value.

    A form adds the time of receipt to the values, which has no column. It names all partners in
    their order (`is_whole`): others leave the project, except those without an organisation.

    `quoted`: fields without a column, of a project that was quoted from an announcement.
    """

    row: int
    reference: str
    values: dict[str, Any]
    said: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    partners: list[PartnerRow] = field(default_factory=list)
    quoted: dict[str, str] = field(default_factory=dict)
    is_whole: bool = False


@dataclass(slots=True)
class ProjectTable:
    """The content of a file: columns, and projects by reference in capitals."""

    columns: list[str]
    projects: dict[str, ProjectRows]


def read_cells(content: bytes) -> Rows:
    """The rows of the file. The content decides the format, not the file name."""
    check_format(content)
    return read_xlsx(content) if content.startswith(b"PK") else read_csv(content)


def read_table(content: bytes, notation: str = PLAIN) -> ProjectTable:
    """The projects of the file. Raises `Refused` with all unreadable cells."""
    rows = read_cells(content)
    _number, heads = next(rows, (0, []))
    reader = _TableReader(read_columns(heads), CellReader(NOTATIONS[notation]))
    for number, cells in rows:
        reader.add_row(number, cells)
    return reader.table()


class _TableReader:
    """Collects the rows of each project and all problems. The rows may have any order."""

    def __init__(self, columns: list[str], cells: CellReader) -> None:
        self.columns = columns
        self.cells = cells
        self.projects: dict[str, ProjectRows] = {}
        self.references: dict[int, str] = {}  # by row
        self.problems: list[Problem] = []

    def add_row(self, row: int, cells: list[Any]) -> None:
        cells = without_blank_end(cells)
        if not cells:
            return
        if len(cells) > len(self.columns):
            why = _("The row has more cells than there are columns. Is there a stray separator?")
            self._report(Problem(row, "", str(cells[-1]), why))
            return
        written = {
            name: cell
            for name, cell in zip(self.columns, cells, strict=False)
            if not is_blank(cell)
        }
        project = self._project(row, written)
        for name in PROJECT_COLUMNS[1:]:
            if name in written or (name in REQUIRED and project.row == row):
                self._add(project, row, name, written.get(name))
        partner = {
            name: self._read(row, name, written.get(name))
            for name in PARTNER_COLUMNS
            if name in self.columns
        }
        if all(partner[name] for name in REQUIRED if name in partner):
            values = {name.removeprefix("partner_"): value for name, value in partner.items()}
            project.partners.append(PartnerRow(row, **values))

    def _project(self, row: int, written: dict[str, Any]) -> ProjectRows:
        """The project of the row. One without a readable reference is only read."""
        reference = self._read(row, "reference", written.get("reference")) or ""
        self.references[row] = reference
        new = ProjectRows(row, reference, {})
        if not reference:
            return new
        project = self.projects.setdefault(reference.upper(), new)
        self._add(project, row, "reference", reference)
        return project

    def _add(self, project: ProjectRows, row: int, name: str, cell: object) -> None:
        """Add the value of a cell to the project. The rows of a project must agree."""
        value = self._read(row, name, cell)
        if value is None:
            return
        first = project.values.setdefault(name, value)
        first_row = project.said.setdefault(name, row)
        if first != value:
            why = _("Row %(first)d says “%(value)s” about the same project. The rows must agree.")
            why %= {"first": first_row, "value": printable(cell_text(first))}
            self._report(Problem(row, name, cell_text(value), why))

    def _read(self, row: int, column: str, cell: object) -> Any:
        """The value of a cell. None, reported, if it is unreadable or empty but required."""
        try:
            value = self.cells.read(column, cell)
        except ValidationError as error:
            self._report(Problem(row, column, str(cell), " ".join(error.messages)))
            return None
        if value is None and column in REQUIRED:
            self._report(Problem(row, column, "", _("This cell is empty. Fill it in.")))
        return value

    def _report(self, problem: Problem) -> None:
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(problem)

    def table(self) -> ProjectTable:
        if self.problems:
            found = [
                row._replace(reference=self.references.get(row.row, "")) for row in self.problems
            ]
            raise Refused(sorted(found, key=lambda problem: problem.row))
        if not self.projects:
            raise refuse(_("The file has column names but no rows."))
        return ProjectTable(self.columns, self.projects)


def is_blank(cell: object) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def without_blank_end(cells: list[Any]) -> list[Any]:
    end = len(cells)
    while end and is_blank(cells[end - 1]):
        end -= 1
    return cells[:end]


def cell_text(value: object) -> str:
    if isinstance(value, tuple):
        return "; ".join(str(part) for part in value)
    return "" if value is None else str(value)
