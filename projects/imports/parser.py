"""Reads the rows of a file into projects with partners, or reports all problems."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from projects.imports.cells import NOTATIONS, PLAIN, CellReader
from projects.imports.columns import PARTNER_COLUMNS, PROJECT_COLUMNS, REQUIRED, read_columns
from projects.imports.file_rows import UTF_8, check_format, encoding_of, read_csv, read_xlsx
from projects.imports.problems import (
    MOST_PROBLEMS,
    Problem,
    Refused,
    check_cells,
    check_size,
    refuse,
)
from projects.models import Project

Rows = Iterator[tuple[int, list[Any]]]
Progress = Callable[[str, int, int], None]
STEP = 1000  # rows between two reports of progress


def no_progress(what: str, done: int, total: int) -> None:
    """Report no progress."""


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


@dataclass(slots=True)
class ProjectRows:
    """All rows of one project. `values` has no empty cells; `cells` are from the first row.

    `quoted`: fields without a column, of a project that was quoted from an announcement.
    """

    row: int
    reference: str
    values: dict[str, Any]
    cells: list[Any] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    partners: list[PartnerRow] = field(default_factory=list)
    quoted: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class ProjectTable:
    """The content of a file: columns, and projects by reference in capitals."""

    columns: list[str]
    projects: dict[str, ProjectRows]


def read_cells(path: Path, encoding: str = UTF_8) -> Rows:
    """The rows of the file. The content decides the format, not the file name."""
    check_size(path)
    with path.open("rb") as file:
        head = file.read(512)
    check_format(head)
    if head.startswith(b"PK"):
        return read_xlsx(path)
    return read_csv(path, encoding_of(head, encoding))


def read_table(
    path: Path, encoding: str = UTF_8, notation: str = PLAIN, progress: Progress = no_progress
) -> ProjectTable:
    """The projects of the file. Raises `Refused` with all unreadable cells."""
    rows = read_cells(path, encoding)
    _number, heads = next(rows, (0, []))
    columns = read_columns(heads)
    reader = _TableReader(columns, CellReader(NOTATIONS[notation]))
    cells_read = 0
    for number, cells in rows:
        cells_read += len(cells)
        check_cells(cells_read)
        reader.add_row(number, cells)
        if number % STEP == 0:
            progress(_("Rows read"), number, 0)
    return reader.table()


class _TableReader:
    """Collects the rows of each project and all problems. The rows may have any order."""

    def __init__(self, columns: list[str], cells: CellReader) -> None:
        self.columns = columns
        self.cells = cells
        self.projects: dict[str, ProjectRows] = {}
        self.references: dict[int, str] = {}  # by row
        self.problems: list[Problem] = []
        self.has_rows = False
        self._project_columns = [(c, columns.index(c)) for c in PROJECT_COLUMNS if c in columns]
        self._reference_place = [name for name, _p in self._project_columns].index("reference")
        self._partner_columns = [(c, columns.index(c)) for c in PARTNER_COLUMNS if c in columns]

    def add_row(self, row: int, cells: list[Any]) -> None:
        cells = without_blank_end(cells)
        if not cells:
            return
        if len(cells) > len(self.columns):
            why = _("The row has more cells than there are columns. Is there a stray separator?")
            self._report(Problem(row, "", str(cells[-1]), why))
            return
        self.has_rows = True
        cells = [*cells, *[None] * (len(self.columns) - len(cells))]
        project = self._project(row, [cells[place] for _name, place in self._project_columns])
        partner = self._partner(row, cells)
        if project and partner:
            project.partners.append(partner)

    def _partner(self, row: int, cells: list[Any]) -> PartnerRow | None:
        problems = list[Problem]()
        values = {
            name: self._read(row, name, cells[place], problems)
            for name, place in self._partner_columns
        }
        self._report(*problems)
        if not all(values[name] for name in REQUIRED if name in values):
            return None
        fields: dict[str, Any] = {
            name.removeprefix("partner_"): values.get(name) for name in PARTNER_COLUMNS
        }
        return PartnerRow(row, **fields)

    def _project(self, row: int, cells: list[Any]) -> ProjectRows | None:
        """The project of the row; None if the reference is unreadable."""
        reference = self._read(row, "reference", cells[self._reference_place], []) or ""
        self.references[row] = reference
        if first := self.projects.get(reference.upper()):
            self._add_to(first, row, cells)
            return first
        values, problems, notes = self._read_project(row, cells)
        self._report(*problems)
        if not reference:
            return None
        project = ProjectRows(row, reference, values, cells, problems, notes)
        self.projects[reference.upper()] = project
        return project

    def _add_to(self, first: ProjectRows, row: int, cells: list[Any]) -> None:
        """Compare a row with the first row of its project. An empty cell repeats the first row."""
        written = {
            name
            for (name, _place), cell in zip(self._project_columns, cells, strict=True)
            if not is_blank(cell)
        }
        pairs = zip(cells, first.cells, strict=True)
        cells = [above if is_blank(cell) else cell for cell, above in pairs]
        problems = first.problems
        if cells != first.cells:
            values, problems, _notes = self._read_project(row, cells)
            self._compare(row, first, values, problems)
        self._report(
            *(problem._replace(row=row) for problem in problems if problem.column in written)
        )

    def _read_project(
        self, row: int, cells: list[Any]
    ) -> tuple[dict[str, Any], list[Problem], list[str]]:
        """The values of a project in a row, the unreadable cells, and notes."""
        problems = list[Problem]()
        read_cells = {
            name: self._read(row, name, cell, problems)
            for (name, _place), cell in zip(self._project_columns, cells, strict=True)
        }
        values = {name: value for name, value in read_cells.items() if value is not None}
        notes = move_long_summary(row, values, problems)
        return values, problems, notes

    def _compare(
        self, row: int, project: ProjectRows, values: dict[str, Any], unreadable: list[Problem]
    ) -> None:
        """Report cells that contradict an earlier row. Unreadable cells are reported already."""
        skipped = {problem.column for problem in [*unreadable, *project.problems]}
        for name, _place in self._project_columns:
            first, here = project.values.get(name), values.get(name)
            if first == here or name in skipped:
                continue
            why = _("Row %(first)d says “%(value)s” about the same project. The rows must agree.")
            first_words = Problem(0, "", cell_text(first), "").quoted() or _("nothing")
            self._report(
                Problem(
                    row, name, cell_text(here), why % {"first": project.row, "value": first_words}
                )
            )

    def _read(self, row: int, column: str, value: object, problems: list[Problem]) -> Any:
        try:
            cell_value = self.cells.read(column, value)
        except ValidationError as error:
            problem = Problem(row, column, str(value), " ".join(error.messages))
        else:
            if cell_value is not None or column not in REQUIRED:
                return cell_value
            problem = Problem(row, column, "", _("This cell is empty. Fill it in."))
        problems.append(problem)
        return None

    def _report(self, *problems: Problem) -> None:
        self.problems += problems[: MOST_PROBLEMS - len(self.problems)]

    def table(self) -> ProjectTable:
        if not self.has_rows and not self.problems:
            raise refuse(_("The file has column names but no rows."))
        for project in self.projects.values():
            self._report(*contradictions_in(project))
        if self.problems:
            found = [
                row._replace(reference=self.references.get(row.row, "")) for row in self.problems
            ]
            raise Refused(sorted(found, key=lambda problem: problem.row))
        return ProjectTable(self.columns, self.projects)


def is_blank(cell: object) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def without_blank_end(cells: list[Any]) -> list[Any]:
    end = len(cells)
    while end and is_blank(cells[end - 1]):
        end -= 1
    return cells[:end]


def move_long_summary(row: int, values: dict[str, Any], problems: list[Problem]) -> list[str]:
    """A summary too long for lists becomes the description, if the description is empty."""
    summary, most = values.get("summary", ""), Project._meta.get_field("summary").max_length
    if most is None or len(summary) <= most:
        return []
    words = {"length": len(summary), "most": most}
    if "description" in values:
        why = _("The summary has %(length)d characters. At most %(most)d are allowed.")
        problems.append(Problem(row, "summary", summary, why % words))
        return []
    values["description"] = values.pop("summary")
    note = _(
        "The summary has %(length)d characters, too many for lists. It becomes the description."
    )
    return [note % words]


def cell_text(value: object) -> str:
    if isinstance(value, tuple):
        return "; ".join(str(part) for part in value)
    return "" if value is None else str(value)


def contradictions_in(project: ProjectRows) -> list[Problem]:
    """Contradictions between the rows of a project."""
    problems = []
    leads = [partner for partner in project.partners if partner.role == "lead"]
    for lead in leads[1:]:
        why = _("Row %(row)d names another lead partner of the project. Keep one.")
        problems.append(Problem(lead.row, "partner_role", "lead", why % {"row": leads[0].row}))
    begin, end = project.values.get("starts_on"), project.values.get("ends_on")
    if begin and end and end < begin:
        problems.append(
            Problem(project.row, "ends_on", str(end), _("The end is before the start."))
        )
    return problems
