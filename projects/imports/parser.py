"""From the rows of a file to projects with their partners, or every reason why not."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from projects.imports.cells import CellReader
from projects.imports.columns import COLUMNS, PARTNER_COLUMNS, PROJECT_COLUMNS, REQUIRED
from projects.imports.csv_rows import UTF_8, read_csv
from projects.imports.file_type import begins_as_json, encoding_of, no_table
from projects.imports.json_rows import read_json
from projects.imports.limits import MOST_COLUMNS, check_size
from projects.imports.number_formats import NOTATIONS, PLAIN
from projects.imports.problems import MOST_PROBLEMS, Problem, Refused, refuse
from projects.imports.xlsx_rows import Unreadable, read_xlsx
from projects.models import Project

Rows = Iterator[tuple[int, list[Any]]]
Progress = Callable[[str, int, int], None]
# How often it is said how far a long file has come: in rows.
STEP = 1000


def nobody_asks(what: str, done: int, total: int) -> None:
    """Progress that nobody looks at."""


@dataclass(slots=True)
class PartnerRow:
    """One row of the file: an organisation's part in a project. `country` is a code."""

    row: int
    role: str
    name: str
    country: str
    kind: str | None
    website: str | None


@dataclass(slots=True)
class ProjectRows:
    """All rows of one project. `values` has no empty cells; `cells` are those of the first row."""

    row: int
    reference: str
    values: dict[str, Any]
    cells: list[Any]
    problems: list[Problem]
    notes: list[str]
    partners: list[PartnerRow] = field(default_factory=list)


@dataclass(slots=True)
class Table:
    """What a file says: its columns and its projects, by reference."""

    columns: list[str]
    projects: dict[str, ProjectRows]
    rows: int


def rows_of(path: Path, encoding: str = UTF_8) -> Rows:
    """The rows of the file, by what it is and not by what it is called."""
    check_size(path)
    with path.open("rb") as file:
        head = file.read(512)
    if refusal := no_table(head):
        raise refusal
    if head.startswith(b"PK"):
        return read_xlsx(path)
    if begins_as_json(head):
        return read_json(path, encoding_of(head, UTF_8))
    return read_csv(path, encoding_of(head, encoding))


def read_table(
    path: Path,
    encoding: str = UTF_8,
    notation: str = PLAIN,
    progress: Progress = nobody_asks,
) -> Table:
    """The projects of the file; raises `Refused` with every cell that cannot be read."""
    rows = rows_of(path, encoding)
    _number, heads = next(rows, (0, []))
    columns = _columns(heads)
    reader = _TableReader(columns, CellReader(NOTATIONS[notation]))
    for number, cells in rows:
        reader.take(number, cells)
        if number % STEP == 0:
            progress(_("Rows read"), number, 0)
    return reader.table()


def _columns(heads: list[Any]) -> list[str]:
    """The names of the columns; empty heads at the end are no columns."""
    names = ["" if head is None else str(head).strip() for head in heads]
    while names and not names[-1]:
        names.pop()
    if len(names) > MOST_COLUMNS:
        raise refuse(
            _("The file has %(found)d columns; at most %(most)d are read.")
            % {"found": len(names), "most": MOST_COLUMNS}
        )
    if not names:
        raise refuse(_("The first row holds no names of columns."))
    if problems := [Problem(1, name, "", why) for name, why in _wrong_names(names)]:
        raise Refused(problems)
    return names


def _wrong_names(names: list[str]) -> Iterator[tuple[str, str]]:
    """The columns that are not known, that are there twice, and that are missing."""
    known = {"known": ", ".join(COLUMNS)}
    for name in dict.fromkeys(names):
        if name not in COLUMNS:
            yield name, _("There is no such column. Known are: %(known)s.") % known
        elif names.count(name) > 1:
            yield name, _("Two columns have this name: keep one.")
    for name in REQUIRED:
        if name not in names:
            yield name, _("This column is missing.")


class _TableReader:
    """Gathers the rows of each project, wherever they stand, and all that cannot be read."""

    def __init__(self, columns: list[str], cells: CellReader) -> None:
        self.columns = columns
        self.cells = cells
        self.projects: dict[str, ProjectRows] = {}
        self.problems: list[Problem] = []
        self.rows = 0
        self._project_places = [(c, columns.index(c)) for c in PROJECT_COLUMNS if c in columns]
        self._reference_place = [name for name, _p in self._project_places].index("reference")
        self._partner_places = [(c, columns.index(c)) for c in PARTNER_COLUMNS if c in columns]

    def take(self, row: int, cells: list[Any]) -> None:
        while cells and cells[-1] in (None, ""):
            cells = cells[:-1]
        if not cells:
            return
        if len(cells) > len(self.columns):
            why = _("The row has more cells than there are columns: is a sign between them stray?")
            self._note(Problem(row, "", str(cells[-1]), why))
            return
        self.rows += 1
        cells = [*cells, *[None] * (len(self.columns) - len(cells))]
        project = self._project(row, [cells[place] for _name, place in self._project_places])
        partner = self._partner(row, cells)
        if project and partner:
            project.partners.append(partner)

    def _partner(self, row: int, cells: list[Any]) -> PartnerRow | None:
        problems = list[Problem]()
        read = {
            name: self._read(row, name, cells[place], problems)
            for name, place in self._partner_places
        }
        for problem in problems:
            self._note(problem)
        if not all(read[name] for name in REQUIRED if name in read):
            return None
        kind, website = read.get("partner_kind"), read.get("partner_website")
        role, name, country = (read[f"partner_{what}"] for what in ("role", "name", "country"))
        return PartnerRow(row, role, name, country, kind, website)

    def _project(self, row: int, cells: list[Any]) -> ProjectRows | None:
        """The project that the row belongs to; None if its reference cannot be read."""
        known = self._by_cells(cells)
        if known:
            for problem in known.problems:
                self._note(problem._replace(row=row))
            return known
        problems = list[Problem]()
        read = {
            name: self._read(row, name, cell, problems)
            for (name, _place), cell in zip(self._project_places, cells, strict=True)
        }
        values = {name: value for name, value in read.items() if value is not None}
        notes = make_room_in_summary(row, values, problems)
        for problem in problems:
            self._note(problem)
        reference = values.get("reference")
        if reference in self.projects:
            self._compare(row, self.projects[reference], values, problems)
        elif reference:
            self.projects[reference] = ProjectRows(row, reference, values, cells, problems, notes)
        return self.projects.get(reference) if reference else None

    def _by_cells(self, cells: list[Any]) -> ProjectRows | None:
        """The project of which these very cells were read before: most rows repeat the last."""
        known = self.projects.get(str(cells[self._reference_place]).strip())
        return known if known and known.cells == cells else None

    def _compare(
        self, row: int, known: ProjectRows, values: dict[str, Any], unreadable: list[Problem]
    ) -> None:
        """Rows of one project say the same of it; what could not be read is named already."""
        skipped = {problem.column for problem in [*unreadable, *known.problems]}
        for name, _place in self._project_places:
            first, here = known.values.get(name), values.get(name)
            if first == here or name in skipped:
                continue
            why = _("Row %(first)d says “%(value)s” of the same project: make the two agree.")
            first_words = Problem(0, "", in_words(first), "").quoted() or _("nothing")
            self._note(
                Problem(row, name, in_words(here), why % {"first": known.row, "value": first_words})
            )

    def _read(self, row: int, column: str, value: Any, problems: list[Problem]) -> Any:
        try:
            read = self.cells.read(column, value)
        except ValidationError as error:
            text = value.text if isinstance(value, Unreadable) else str(value)
            problem = Problem(row, column, text, " ".join(error.messages))
        else:
            if read is not None or column not in REQUIRED:
                return read
            problem = Problem(row, column, "", _("This cell is empty; it has to say something."))
        problems.append(problem)
        return None

    def _note(self, problem: Problem) -> None:
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(problem)

    def table(self) -> Table:
        if not self.rows and not self.problems:
            raise refuse(_("The file has names of columns and no rows below them."))
        for project in self.projects.values():
            for problem in disagreements_within(project):
                self._note(problem)
        if self.problems:
            raise Refused(sorted(self.problems, key=lambda problem: problem.row))
        return Table(self.columns, self.projects, self.rows)


def make_room_in_summary(row: int, values: dict[str, Any], problems: list[Problem]) -> list[str]:
    """A summary too long for lists becomes the description, if there is no other."""
    summary, most = values.get("summary", ""), Project._meta.get_field("summary").max_length
    if most is None or len(summary) <= most:
        return []
    words = {"length": len(summary), "most": most}
    if "description" in values:
        why = _("The summary has %(length)d characters; at most %(most)d fit in lists.")
        problems.append(Problem(row, "summary", summary, why % words))
        return []
    values["description"] = values.pop("summary")
    note = _(
        "The summary has %(length)d characters, too many for lists: it becomes the description."
    )
    return [note % words]


def in_words(value: Any) -> str:
    """A value as it would stand in a cell."""
    if isinstance(value, tuple):
        return "; ".join(str(part) for part in value)
    return "" if value is None else str(value)


def disagreements_within(project: ProjectRows) -> list[Problem]:
    """What the rows of one project get wrong together, whatever the records say."""
    problems = []
    leads = [partner for partner in project.partners if partner.role == "lead"]
    for lead in leads[1:]:
        why = _("The project has a lead partner in row %(row)d already: choose one.")
        problems.append(Problem(lead.row, "partner_role", "lead", why % {"row": leads[0].row}))
    begin, end = project.values.get("starts_on"), project.values.get("ends_on")
    if begin and end and end < begin:
        problems.append(
            Problem(project.row, "ends_on", str(end), _("A project ends after it starts."))
        )
    return problems
