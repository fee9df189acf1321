"""Parses the text of an announcement. Every line gets a kind, and nothing is guessed."""

import re
from collections.abc import Iterable

from projects.announcements import labels as headings
from projects.announcements.amounts import find_amounts
from projects.announcements.call_parser import CallReader
from projects.announcements.country_names import PartnerEntry, Places
from projects.announcements.flags import add_flags, flag, unknown_country
from projects.announcements.grants import read_grant
from projects.announcements.labels import Label
from projects.announcements.lead_line import OneLine, read_headline
from projects.announcements.line_marks import Mark, read_marks
from projects.announcements.lines import read_lines
from projects.announcements.parsed_text import (
    Lead,
    ParsedCall,
    ParsedProject,
    ParsedRow,
    ParsedText,
)
from projects.announcements.partner_rows import PartnerRows
from projects.announcements.priorities import Priorities
from projects.announcements.segmentation import OF_THE_CALL, Block, split_into_blocks
from projects.models import Priority
from projects.models.choices import LineKind

BROKEN_OFF = re.compile(r"(?:,|\band|&)\s{0,9}\Z")


def parse_text(text: str, places: Places, priorities: Iterable[str]) -> ParsedText:
    """Parse the text. Raises ValidationError for a text that is too large."""
    lines = read_lines(text)
    reading = ParsedText(lines)
    for line in lines:
        line.kind = LineKind.BLANK if line.is_blank() else LineKind.NOT_UNDERSTOOD
        if line.left_out and line.is_blank():
            line.kind = LineKind.LEFT_OUT
    known_priorities = Priorities(priorities)
    for block in split_into_blocks(read_marks(lines, places, known_priorities)):
        if block.is_project:
            _read_project(reading, block, places, known_priorities)
        elif block.marks:
            _read_call(reading, block, known_priorities)
    _give_other_lines_to_calls(reading)
    add_flags(reading, places)
    return reading


def parse_announcement(text: str) -> ParsedText:
    """Parse the text with the recorded countries and priorities."""
    names = Priority.objects.values_list("name", flat=True)
    return parse_text(text, Places.from_database(), names)


def _give_other_lines_to_calls(reading: ParsedText) -> None:
    """Assign each remaining line to the call before it."""
    call = 0 if reading.calls else None
    for line in reading.lines:
        call = line.call = call if line.call is None else line.call


def _read_call(reading: ParsedText, block: Block, priorities: Priorities) -> None:
    """Read lines about a call. Lines before the first heading belong to the first call."""
    begins = block.marks[0].is_call or block.marks[0].is_label(Label.CALL)
    if not reading.calls or (begins and not _awaits_heading(reading)):
        reading.calls.append(ParsedCall())
    for mark in block.marks:
        mark.line.call = len(reading.calls) - 1
    CallReader(reading.calls[-1], priorities).read(block.marks)


def _awaits_heading(reading: ParsedText) -> bool:
    call = reading.calls[-1]
    return call.heading is None and not call.projects


def _read_project(
    reading: ParsedText, block: Block, places: Places, priorities: Priorities
) -> None:
    if not reading.calls:
        reading.calls.append(ParsedCall())
    call = reading.calls[-1]
    project = ParsedProject(line=block.marks[0].line.number)
    call.projects.append(project)
    number = len(reading.projects()) - 1
    reader = ProjectReader(project, block, places, priorities, is_ours=reading.is_ours())
    for mark in block.marks:
        mark.line.call, mark.line.project = len(reading.calls) - 1, number
        if mark.is_label(*OF_THE_CALL):
            CallReader(call, priorities).read([mark])
        else:
            reader.read(mark)
    reader.finish()


class ProjectReader:
    """Reads the lines of one project in order."""

    def __init__(
        self,
        project: ParsedProject,
        block: Block,
        places: Places,
        priorities: Priorities,
        *,
        is_ours: bool,
    ) -> None:
        self.project = project
        self.places = places
        self.priorities = priorities
        self.is_ours = is_ours
        self.headline_line: int | None = None  # of our label above a headline as published
        self.title = block.title
        self.has_list = any(self._begins_list(mark) for mark in block.marks)
        self.list = PartnerRows(project, places, self.has_list)
        self.in_list = False
        self.countries_line: Mark | None = None
        self.last_countries: Mark | None = None  # the previous line, if it lists countries
        self.pairs: list[PartnerEntry] = []  # from a headline without a list

    def read(self, mark: Mark) -> None:
        if self._continues_countries(mark):
            mark.line.kind = LineKind.COUNTRIES
            self._read_countries(mark, mark.text)
        elif mark.one_line:
            self._read_one_line(mark, mark.one_line)
        elif mark is self.title or mark.years:
            self._read_title(mark)
        elif mark.label:
            self._read_label(mark, mark.label.label, mark.label.value)
        elif mark.indented and self.headline_line:
            self._read_published_headline(mark)
        elif mark.indented or not self._read_row(mark):
            self._read_paragraph(mark)

    def _continues_countries(self, mark: Mark) -> bool:
        """Whether this line continues a list of countries."""
        last, self.last_countries = self.last_countries, None
        is_next = last and mark.line.number == last.line.number + 1 and BROKEN_OFF.search(last.text)
        if not is_next or not mark.is_plain():
            return False
        countries = self.places.read_list(mark.text)
        return bool(countries.codes) and not countries.unknown

    def _read_one_line(self, mark: Mark, one_line: OneLine) -> None:
        project = self.project
        project.title, project.announced = one_line.title, one_line.announced
        project.lead = Lead(one_line.country, one_line.name, mark.line.number)
        project.headline = mark.text.removesuffix(one_line.words).strip()
        self._add_paragraph(mark, one_line.words)
        mark.line.kind = LineKind.PROJECT_TITLE

    def _read_title(self, mark: Mark) -> None:
        mark.line.kind = LineKind.PROJECT_TITLE
        self.project.years, self.project.title = headings.split_years(mark.text)
        if mark.follows_a_list:
            words = {"words": mark.text[:200]}
            self.project.flags.append(flag("title_or_partner", mark.line.number, words))

    def _read_published_headline(self, mark: Mark) -> None:
        mark.line.kind = LineKind.LEAD
        before, number = self.project.headline, mark.line.number
        gap = "\n" * (number - (self.headline_line or number))
        self.project.headline = mark.text if before is None else f"{before}{gap}{mark.text}"
        self.headline_line = number

    def _read_label(self, mark: Mark, label: Label, value: str) -> None:
        self.headline_line = None
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
                names = [*self.project.priorities, *self.priorities.read(value)]
                self.project.priorities = list(dict.fromkeys(names))
            case Label.PARTNERS:
                self._begin_list(mark, value)
            case Label.ABOUT if not value:
                mark.line.kind, self.in_list = LineKind.HEADING, False
            case Label.ABOUT:
                self._add_paragraph(mark, value)
            case Label.GRANT if self.is_ours:
                mark.line.kind, self.project.grant = LineKind.NOTE, read_grant(value)
            case Label.HEADLINE if self.is_ours:
                mark.line.kind, self.headline_line = LineKind.HEADING, mark.line.number
            case Label.DETAIL | Label.GRANT | Label.HEADLINE:
                self.in_list = False
                self._add_paragraph(mark)
                if any(find_amounts(value)):
                    words = {"words": mark.text.strip()[:100]}
                    self.project.flags.append(flag("unread_amount", mark.line.number, words))
            case _:
                mark.line.kind = LineKind.NOTE

    def _read_lead(self, mark: Mark, value: str) -> None:
        if not value:
            return
        headline = read_headline(value, self.places)
        self.project.lead = Lead(headline.country, headline.name, mark.line.number)
        self.project.announced = headline.announced
        self.project.headline = None if self.is_ours else mark.line.text.strip()
        self.pairs = [] if self.has_list else headline.pairs
        self._flag_unknown(mark, headline.unknown)

    def _read_countries(self, mark: Mark, value: str) -> None:
        countries = self.places.read_list(value)
        self.countries_line = mark
        self.project.announced = list(dict.fromkeys([*self.project.announced, *countries.codes]))
        self._flag_unknown(mark, countries.unknown)

    def _flag_unknown(self, mark: Mark, unknown: list[str]) -> None:
        self.last_countries = mark
        if unknown:
            self.project.flags.append(unknown_country(mark.line.number, unknown))

    def _begins_list(self, mark: Mark) -> bool:
        """Whether the line begins a partner list. "Partners: Latvia" only names countries."""
        if not mark.label or mark.label.label != Label.PARTNERS:
            return False
        countries = self.places.read_list(mark.label.value)
        return not countries.codes or bool(countries.unknown)

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
        """Read a row of the partner list. Return whether the line is one."""
        if self.in_list:
            return self.list.read(mark)
        if self.has_list or not mark.entry or not mark.is_a_row():
            return False
        self.list.add(mark, mark.entry, mark.text)
        return True

    def _read_paragraph(self, mark: Mark) -> None:
        if self.in_list and not mark.indented and mark.is_sentence():
            self.project.flags.append(flag("text_after_list", mark.line.number))
        self._add_paragraph(mark)

    def _add_paragraph(self, mark: Mark, text: str = "") -> None:
        mark.line.kind = LineKind.PARAGRAPH
        mark.add_to(self.project.paragraphs, text)

    def finish(self) -> None:
        """Without a partner list, add the named countries as partners without a name."""
        self.list.close()
        if self.has_list or self.project.rows:
            return
        line = self.countries_line.line if self.countries_line else None
        number = line.number if line else self.project.lead.line
        self.project.listed = False
        pairs = self.pairs or [PartnerEntry(code) for code in self.project.announced]
        self.project.rows = [
            ParsedRow(entry.country, entry.name, number or 0, self.places.name_of(entry.country))
            for entry in pairs
        ]
