"""Reads the text of an announcement: every line becomes something, and nothing is guessed."""

import re
from collections.abc import Iterable

from projects.announcements import flags
from projects.announcements import labels as headings
from projects.announcements.call_parser import CallReader
from projects.announcements.country_names import Entry, Places
from projects.announcements.labels import Label
from projects.announcements.lead_line import OneLine, read_headline
from projects.announcements.lines import read_lines
from projects.announcements.parsed import Lead, ReadCall, Reading, ReadProject, Row
from projects.announcements.partner_rows import PartnerList
from projects.announcements.priorities import Priorities
from projects.announcements.segmentation import Block, Mark, cut, read_marks
from projects.models import Priority
from projects.models.choices import LineKind

BROKEN_OFF = re.compile(r"(?:,|\band|&)\s{0,9}\Z")


def read(text: str, places: Places, priorities: Iterable[str]) -> Reading:
    """What the text says. Raises ValidationError, in words, for a text that is too large."""
    lines = read_lines(text)
    reading = Reading(lines)
    for line in lines:
        line.kind = LineKind.BLANK if line.is_blank() else LineKind.NOT_UNDERSTOOD
        if line.left_out and line.is_blank():
            line.kind = LineKind.LEFT_OUT
    known = Priorities(priorities)
    for block in cut(read_marks(lines, places, known)):
        if block.is_project:
            _read_project(reading, block, places, known)
        elif block.marks:
            _read_call(reading, block, known)
    _give_other_lines_to_calls(reading)
    flags.add_flags(reading, places)
    return reading


def read_announcement(text: str) -> Reading:
    """What the text says, by the countries and priorities that are recorded."""
    names = Priority.objects.values_list("name", flat=True)
    return read(text, Places.from_database(), names)


def _give_other_lines_to_calls(reading: Reading) -> None:
    """What became nothing stays with the call in whose text it stands."""
    call = 0 if reading.calls else None
    for line in reading.lines:
        call = line.call = call if line.call is None else line.call


def _read_call(reading: Reading, block: Block, priorities: Priorities) -> None:
    """What stands before the first heading belongs to the call of that heading."""
    begins = block.marks[0].is_call or block.marks[0].is_label(Label.CALL)
    if not reading.calls or (begins and not _awaits_heading(reading)):
        reading.calls.append(ReadCall())
    CallReader(reading.calls[-1], priorities, len(reading.calls) - 1).read(block.marks)


def _awaits_heading(reading: Reading) -> bool:
    call = reading.calls[-1]
    return call.heading is None and not call.projects


def _read_project(reading: Reading, block: Block, places: Places, known: Priorities) -> None:
    if not reading.calls:
        reading.calls.append(ReadCall())
    call = reading.calls[-1]
    project = ReadProject(line=block.marks[0].line.number)
    call.projects.append(project)
    number = len(reading.projects()) - 1
    reader = ProjectReader(project, block, places, known)
    for mark in block.marks:
        mark.line.call, mark.line.project = len(reading.calls) - 1, number
        if mark.label and mark.label.label in CallReader.LABELS:
            CallReader(call, known, len(reading.calls) - 1).read([mark])
        else:
            reader.read(mark)
    reader.finish()


class ProjectReader:
    """Reads the lines of one project, one after the other."""

    def __init__(
        self, project: ReadProject, block: Block, places: Places, priorities: Priorities
    ) -> None:
        self.project = project
        self.places = places
        self.priorities = priorities
        self.title = block.title
        self.has_list = any(self._begins_list(mark) for mark in block.marks)
        self.list = PartnerList(project, places, self.has_list)
        self.in_list = False
        self.countries_line: Mark | None = None
        self.last_countries: Mark | None = None  # the line before, where it named countries
        self.pairs: list[Entry] = []  # countries and organisations of a headline without a list
        self.last_indented: Mark | None = None

    def read(self, mark: Mark) -> None:
        if self._goes_on(mark):
            mark.line.kind = LineKind.COUNTRIES
            self._read_countries(mark, mark.text)
        elif mark.one_line:
            self._read_one_line(mark, mark.one_line)
        elif mark is self.title or mark.years:
            self._read_title(mark)
        elif mark.label:
            self._read_label(mark, mark.label.label, mark.label.value)
        elif mark.indented or not self._read_row(mark):
            self._read_paragraph(mark)

    def _goes_on(self, mark: Mark) -> bool:
        """Whether a list of countries that a line broke off goes on in this one."""
        last, self.last_countries = self.last_countries, None
        is_next = last and mark.line.number == last.line.number + 1 and BROKEN_OFF.search(last.text)
        if not is_next or not mark.is_plain():
            return False
        found = self.places.read_list(mark.text)
        return bool(found.codes) and not found.unknown

    def _read_one_line(self, mark: Mark, found: OneLine) -> None:
        project = self.project
        project.title, project.announced = found.title, found.announced
        project.lead = Lead(found.country, found.name, mark.line.number)
        project.headline = mark.text.removesuffix(found.words).strip()
        self._add_paragraph(mark, found.words)
        mark.line.kind = LineKind.PROJECT_TITLE

    def _read_title(self, mark: Mark) -> None:
        mark.line.kind = LineKind.PROJECT_TITLE
        self.project.years, self.project.title = headings.split_years(mark.text)

    def _read_label(self, mark: Mark, label: Label, value: str) -> None:
        match label:
            case Label.TITLE:
                mark.line.kind = LineKind.PROJECT_TITLE
                self.project.title = value or self.project.title
            case Label.LEAD:
                mark.line.kind = LineKind.LEAD
                self._read_lead(mark, value)
            case Label.COUNTRIES:
                mark.line.kind = LineKind.COUNTRIES
                self._read_countries(mark, value)
            case Label.PRIORITY:
                mark.line.kind = LineKind.PRIORITY
                self._add_priorities(value)
            case Label.PARTNERS:
                self._begin_list(mark, value)
            case Label.ABOUT if not value:
                mark.line.kind, self.in_list = LineKind.HEADING, False
            case Label.ABOUT:
                self._add_paragraph(mark, value)
            case Label.DETAIL:
                self.in_list = False
                self._add_paragraph(mark, mark.line.text.strip())
            case _:
                mark.line.kind = LineKind.NOTE

    def _read_lead(self, mark: Mark, value: str) -> None:
        if not value:
            return
        found = read_headline(value, self.places)
        self.project.lead = Lead(found.country, found.name, mark.line.number)
        self.project.announced = found.announced
        self.project.headline = mark.line.text.strip()
        self.pairs = [] if self.has_list else found.pairs
        self._flag_unknown(mark, found.unknown)

    def _read_countries(self, mark: Mark, value: str) -> None:
        found = self.places.read_list(value)
        self.countries_line = mark
        self.project.announced = list(dict.fromkeys([*self.project.announced, *found.codes]))
        self._flag_unknown(mark, found.unknown)

    def _flag_unknown(self, mark: Mark, unknown: list[str]) -> None:
        self.last_countries = mark
        if unknown:
            self.project.flags.append(flags.words_that_are_no_country(mark.line.number, unknown))

    def _add_priorities(self, value: str) -> None:
        for name in self.priorities.read(value):
            if name not in self.project.priorities:
                self.project.priorities.append(name)

    def _begins_list(self, mark: Mark) -> bool:
        """Whether it is the heading of a list, or has a row; "Partners: Latvia" are countries."""
        if not mark.label or mark.label.label != Label.PARTNERS:
            return False
        found = self.places.read_list(mark.label.value)
        return not found.codes or bool(found.unknown)

    def _begin_list(self, mark: Mark, value: str) -> None:
        if not self._begins_list(mark):
            mark.line.kind = LineKind.COUNTRIES
            self._read_countries(mark, value)
            return
        mark.line.kind, self.in_list = LineKind.HEADING, True
        pairs = self.places.read_pairs(value)
        for entry in pairs:
            self.list.add(mark, entry, value)
        if value and not pairs:
            self.list.add(mark, self.places.read_row_without_mark(value), value)

    # Rows

    def _read_row(self, mark: Mark) -> bool:
        """Whether the line is a row of the partner list."""
        if self.in_list:
            return self.list.read(mark)
        if self.has_list or not mark.entry or not mark.is_a_row():
            return False
        self.list.add(mark, mark.entry, mark.text)
        return True

    def _read_paragraph(self, mark: Mark) -> None:
        if self.in_list and not mark.indented and mark.is_sentence():
            self.project.flags.append(flags.text_after_the_list(mark.line.number))
        self._add_paragraph(mark, mark.text if mark.indented else mark.line.text.strip())

    def _add_paragraph(self, mark: Mark, text: str) -> None:
        mark.line.kind = LineKind.PARAGRAPH
        last, self.last_indented = self.last_indented, mark if mark.indented else None
        if last and mark.indented and mark.line.number == last.line.number + 1:
            self.project.paragraphs[-1] += f"\n{text}"
        else:
            self.project.paragraphs.append(text)

    def finish(self) -> None:
        """Without a list of partners, the countries that are named take part without a name."""
        self.list.close()
        if self.has_list or self.project.rows:
            return
        line = self.countries_line.line if self.countries_line else None
        number = line.number if line else self.project.lead.line
        self.project.listed = False
        pairs = self.pairs or [Entry(code, None, dash=False) for code in self.project.announced]
        self.project.rows = [
            Row(entry.country, entry.name, number or 0, self.places.name_of(entry.country))
            for entry in pairs
        ]
