"""Reads the text of an announcement in the facility's own layout. Nothing is guessed.

Each line is a fact of the draft, a heading, blank, or stands under "not read".
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from partners.similarity.profile import profile_of
from partners.similarity.score import compare_profiles
from projects.announcements.pieces import (
    LAYOUTS,
    Label,
    Piece,
    TextLine,
    is_sentence,
    make_pieces,
    read_lines,
)
from projects.announcements.places import Places
from projects.models import LineKind, Priority, Role
from psf.exports.files import json_text
from psf.text.folding import fold

LONG_TERM = ["Regional Identity", "Sustainable and Prosperous Region", "Safe and Secure Region"]
HEADER = [Label.TITLE, Label.PRIORITY, Label.LEAD, Label.COUNTRIES]
LONGEST_HEADLINE = 2000  # characters


@dataclass(frozen=True)
class Flag:
    """A point that staff should check, and its line."""

    line: int
    sentence: str
    countries: tuple[str, ...] = ()


@dataclass
class ParsedRow:
    """A partner. `country` is a code, `as_published` the whole line. None means "not stated".

    `language` is the language of the name (BCP 47) if recorded.
    """

    country: str | None = None
    name: str | None = None
    line: int = field(default=0, compare=False)
    as_published: str = field(default="", compare=False)
    language: str = field(default="", compare=False)


@dataclass
class ParsedProject:
    """A project as described in the text. `announced`: countries of the headline except the lead's.

    Without a partner list the rows are the countries of the headline. None and [] mean "not
    stated".
    """

    title: str | None = None
    priorities: list[str] = field(default_factory=list)
    lead: ParsedRow = field(default_factory=ParsedRow)
    headline: str | None = None
    announced: list[str] = field(default_factory=list)
    rows: list[ParsedRow] = field(default_factory=list)
    paragraphs: list[str] = field(default_factory=list)
    flags: list[Flag] = field(default_factory=list)
    line: int = 0

    def countries(self) -> list[str]:
        """The distinct countries of the rows."""
        return list(dict.fromkeys(row.country for row in self.rows if row.country))

    def lead_row(self) -> ParsedRow | None:
        """The row of the lead partner: of the same name, or the first one with a like name."""
        rows = [row for row in self.rows if row.country == self.lead.country]
        key = fold(self.lead.name or "")
        for row in rows:
            if fold(row.name or "") == key:
                return row
        if not rows or rows[0] is not self.rows[0]:
            return None
        lead, first = (profile_of(row.name or "") for row in [self.lead, rows[0]])
        return rows[0] if not key or compare_profiles(lead, first).score else None

    def partners(self) -> list[tuple[str, ParsedRow]]:
        """The partners with their roles, lead partner first, even if the list does not have it."""
        if self.lead == ParsedRow():
            return [(Role.PARTNER, row) for row in self.rows]
        own = self.lead_row()
        partners = [row for row in self.rows if row is not own]
        return [(Role.LEAD, own or self.lead), *((Role.PARTNER, row) for row in partners)]


@dataclass
class ParsedCall:
    """A call as described in the text, with its projects. No counts, amounts or days are read."""

    heading: str | None = None
    line: int | None = None
    priorities: list[str] = field(default_factory=list)
    paragraphs: list[str] = field(default_factory=list)
    projects: list[ParsedProject] = field(default_factory=list)
    flags: list[Flag] = field(default_factory=list)


@dataclass
class ParsedText:
    """A whole text: its lines with their kinds, and its calls."""

    lines: list[TextLine]
    places: Places
    calls: list[ParsedCall] = field(default_factory=list)

    def projects(self) -> list[ParsedProject]:
        return [project for call in self.calls for project in call.projects]

    def not_read(self) -> list[TextLine]:
        """The lines that are no fact of the draft, or only in part."""
        unread = LineKind.NOT_UNDERSTOOD
        return [line for line in self.lines if line.kind == unread or line.is_changed()]

    def as_json(self) -> str:
        """The facts for other programs. Countries are ISO codes; null means not stated."""
        calls = [asdict(call) for call in self.calls]
        projects = [
            {"call": call["heading"], **project}
            for call in calls
            for project in call.pop("projects")
        ]
        for project in projects:
            project["announced_countries"] = project.pop("announced")
            project["partners"] = project.pop("rows")
        unread = [{"line": line.number, "text": line.text} for line in self.not_read()]
        return json_text({"calls": calls, "projects": projects, "not_understood": unread}, indent=2)


def parse_text(text: str, places: Places, priorities: Iterable[str]) -> ParsedText:
    """Parse the text. Raises ValidationError for a text that is too large."""
    reading = ParsedText(read_lines(text, places), places)
    _Reader(reading, make_pieces(reading.lines, places), priorities).read()
    return reading


def parse_announcement(text: str) -> ParsedText:
    """Parse the text with the recorded countries and priorities."""
    names = Priority.objects.values_list("name", flat=True)
    return parse_text(text, Places.from_database(), names)


def _key(text: str) -> str:
    return fold(text.replace("&", " and "))


class _Reader:
    def __init__(self, reading: ParsedText, pieces: list[Piece], priorities: Iterable[str]) -> None:
        self.reading, self.pieces, self.places = reading, pieces, reading.places
        names = {_key(name): name for name in [*LONG_TERM, *priorities]}
        self.priorities = dict(sorted(names.items(), key=lambda pair: -len(pair[0])))
        self.project: ParsedProject | None = None
        self.header: set[Label] = set()  # labels at the beginning of the project, until its text
        self.in_header = self.in_list = False
        self.is_listed = False  # whether a list names the partners of the project
        self.is_second = False  # whether the list is another one, perhaps of another project
        self.section = Label.ABOUT  # to which indented lines belong

    def read(self) -> None:
        for index, piece in enumerate(self.pieces):
            kind = self._read(index, piece)
            self.in_header &= kind == LineKind.PROJECT_TITLE or piece.is_a(*HEADER)
            for line in piece.lines:
                line.kind = kind
                line.project = len(self.reading.projects()) - 1 if self.project else None
        for line in self.reading.lines:
            if line.is_changed() and self.reading.calls:
                sentence = _("Personal data were left out: check that no name of a person is left.")
                self.reading.calls[0].flags.append(Flag(line.number, sentence))
        for call in self.reading.calls:
            if call.heading is None:
                sentence = _("No heading names the call: choose the call, or enter its title.")
                call.flags.append(Flag(1, sentence))
        for project in self.reading.projects():
            project.flags += _flags_of(project, self.places)

    def _call(self) -> ParsedCall:
        if not self.reading.calls:
            self.reading.calls.append(ParsedCall())
        return self.reading.calls[-1]

    def _begins_project(self, index: int, piece: Piece) -> bool:
        label = piece.statement.label
        if label in [Label.LEAD, Label.TITLE]:
            return not self.in_header or label in self.header
        if label is Label.COUNTRIES:
            return self.project is None or (not self.in_header and bool(self.project.announced))
        if label is Label.PRIORITY:
            is_open = self.in_header and Label.LEAD not in self.header
            return not is_open and self._leads(index + 1, titles=1)
        lacks_title = self.in_header and not {Label.TITLE, Label.LEAD} & self.header
        return self._is_title(index, piece) and not lacks_title

    def _is_title(self, index: int, piece: Piece) -> bool:
        """Whether it is a short line directly above the header of a project, or has years."""
        return piece.is_a(Label.DATED) or (piece.is_a(Label.SHORT) and self._leads(index + 1))

    def _leads(self, index: int, titles: int = 0) -> bool:
        """Whether the header of a project continues here: priorities, then the lead partner."""
        for piece in self.pieces[index : index + 6]:
            if piece.is_a(Label.LEAD, Label.COUNTRIES):
                return True
            titles -= piece.is_a(Label.SHORT, Label.DATED)
            if titles < 0 or not piece.is_a(Label.SHORT, Label.DATED, Label.PRIORITY):
                return False
        return False

    def _read(self, index: int, piece: Piece) -> LineKind:
        label = piece.statement.label
        if label is Label.QUOTED:
            return self._read_quoted(piece)
        if label is Label.CALL:
            return self._read_call(piece)
        if self._begins_project(index, piece):
            self._begin_project(piece)
        if self.project is None:
            return self._read_about_call(index, piece)
        if label in LAYOUTS and self._is_title(index, piece):
            label = Label.TITLE
        self.header |= {label} - LAYOUTS
        return self._read_label(label, piece, self.project)

    def _begin_project(self, piece: Piece) -> None:
        self.project = ParsedProject(line=piece.lines[0].number)
        self._call().projects.append(self.project)
        if self.in_list and piece.is_a(*LAYOUTS):
            sentence = _("This line below a list of partners is read as the title: check it.")
            self.project.flags.append(Flag(self.project.line, sentence))
        self.header, self.in_header = set(), True
        self.in_list = self.is_listed = self.is_second = False

    def _read_quoted(self, piece: Piece) -> LineKind:
        """Read an indented line: of a description, or of the headline as published."""
        if self.project and self.section is Label.HEADLINE:
            headline = f"{self.project.headline or ''}\n{piece.text}".strip()
            if len(headline) > LONGEST_HEADLINE:
                return LineKind.NOT_UNDERSTOOD
            self.project.headline = headline
            return LineKind.LEAD
        (self.project or self._call()).paragraphs.append(piece.text)
        return LineKind.PARAGRAPH if self.project else LineKind.CALL_TEXT

    def _read_call(self, piece: Piece) -> LineKind:
        """Begin another call. Lines before the first heading belong to the first call."""
        call, heading = self._call(), piece.statement.value
        if call.heading not in [None, heading] or call.projects:
            call = ParsedCall()
            self.reading.calls.append(call)
            self.project = None
        call.heading, call.line = heading or None, piece.lines[0].number
        return LineKind.CALL

    def _read_about_call(self, index: int, piece: Piece) -> LineKind:
        label, value, _entry = piece.statement
        if label in [Label.CALL_PRIORITY, Label.PRIORITY]:
            return self._read_priorities(value, self._call())
        if label is Label.ABOUT and not value:
            return LineKind.HEADING
        if index == 0 and not is_sentence(piece.text):
            return LineKind.TITLE
        if label not in LAYOUTS or piece.is_ours or not is_sentence(piece.text):
            return LineKind.NOT_UNDERSTOOD
        self._call().paragraphs.append(piece.text)
        return LineKind.CALL_TEXT

    def _read_priorities(self, value: str, record: ParsedCall | ParsedProject) -> LineKind:
        """Read known priorities alone: "Safe & Secure Region and Regional Identity"."""
        pattern = "|".join(rf"\b{re.escape(name)}\b" for name in self.priorities if name)
        priorities = [self.priorities[name] for name in re.findall(pattern, _key(value))]
        if not priorities or not set(re.sub(pattern, " ", _key(value)).split()) <= {"and"}:
            return LineKind.NOT_UNDERSTOOD
        record.priorities = list(dict.fromkeys([*record.priorities, *priorities]))
        return LineKind.PRIORITY

    def _read_label(self, label: Label, piece: Piece, project: ParsedProject) -> LineKind:
        value = piece.statement.value
        match label:
            case Label.TITLE if value:
                project.title = value
                return LineKind.PROJECT_TITLE
            case Label.LEAD:
                return self._read_lead(piece, project)
            case Label.COUNTRIES:
                return self._read_countries(piece, project)
            case Label.PRIORITY:
                return self._read_priorities(value, project)
            case Label.PARTNERS:
                return self._begin_list(piece, project)
            case Label.ABOUT | Label.HEADLINE if not value:
                self.section, self.in_list = label, False
                return LineKind.HEADING
            case Label.ABOUT:
                project.paragraphs.append(value)
                return LineKind.PARAGRAPH
            case Label.ROW | Label.SHORT | Label.TEXT:
                return self._read_plain(piece, project)
        return LineKind.NOT_UNDERSTOOD

    def _read_lead(self, piece: Piece, project: ParsedProject) -> LineKind:
        (country, name), countries = self.places.read_headline(piece.statement.value)
        if not (country or name) or len(piece.text) > LONGEST_HEADLINE:
            return LineKind.NOT_UNDERSTOOD
        project.lead = ParsedRow(country, name, piece.lines[0].number)
        project.headline = None if piece.is_ours else piece.text
        self._announce(piece, project, *countries)
        return LineKind.LEAD

    def _read_countries(self, piece: Piece, project: ParsedProject) -> LineKind:
        countries = self.places.read_list(piece.statement.value)
        if not countries.codes:
            return LineKind.NOT_UNDERSTOOD
        self._announce(piece, project, *countries)
        return LineKind.COUNTRIES

    def _announce(
        self, piece: Piece, project: ParsedProject, codes: list[str], unknown: list[str]
    ) -> None:
        """Add countries of the headline. They are the partners until a list names organisations."""
        number = piece.lines[0].number
        announced = dict.fromkeys([*project.announced, *codes])
        project.announced = [code for code in announced if code != project.lead.country]
        if not self.is_listed:
            project.rows = [ParsedRow(code, None, number, piece.text) for code in project.announced]
        if unknown:
            sentence = _("“%(words)s” is not a known country: enter the country.")
            words = {"words": " ".join(unknown)[:100]}
            project.flags.append(Flag(number, sentence % words))

    def _begin_list(self, piece: Piece, project: ParsedProject) -> LineKind:
        self.in_list, self.is_second = True, self.is_listed
        value = piece.statement.value
        if self.is_second:
            return LineKind.NOT_UNDERSTOOD
        if self.places.read_row(value):
            return self._add_row(value, piece, project)
        return self._read_countries(piece, project) if value else LineKind.HEADING

    def _add_row(self, value: str, piece: Piece, project: ParsedProject) -> LineKind:
        entry = self.places.read_row(value)
        assert entry
        row = ParsedRow(*entry, piece.lines[0].number, piece.text)
        before = project.rows if self.is_listed else []
        unnamed = [other.country for other in before if not other.name]
        if not row.name and row.country in unnamed:
            return LineKind.NOT_UNDERSTOOD  # the country alone is known already
        project.rows = [*before, row]
        self.in_list = self.is_listed = True
        return LineKind.PARTNER

    def _read_plain(self, piece: Piece, project: ParsedProject) -> LineKind:
        """Read a row, or a paragraph above the list. A project without a lead needs no heading."""
        may_be_row = self.in_list or not self.header & {Label.LEAD, Label.COUNTRIES}
        if piece.is_a(Label.ROW) and may_be_row and not self.is_second:
            return self._add_row(piece.text, piece, project)
        if self.in_list or piece.is_ours:
            return LineKind.NOT_UNDERSTOOD
        project.paragraphs.append(piece.text)
        return LineKind.PARAGRAPH


def _flags_of(project: ParsedProject, places: Places) -> Iterator[Flag]:
    lead, own = project.lead, project.lead_row()
    if project.title is None:
        sentence = _("The text has no title for the project: enter one with its source.")
        yield Flag(project.line, sentence)
    if lead == ParsedRow():
        yield Flag(project.line, _("The text names no lead partner: enter the lead partner."))
    elif not lead.country:
        sentence = _("The text does not name the country of the lead partner: enter the country.")
        yield Flag(lead.line, sentence)
    yield from _disagreement(project, places)
    if own and lead.name and fold(own.name or "") != fold(lead.name):
        sentence = _("The headline says “%(lead)s”, the list “%(name)s”: one organisation or two?")
        yield Flag(own.line, sentence % {"lead": lead.name[:150], "name": (own.name or "")[:150]})


def _disagreement(project: ParsedProject, places: Places) -> Iterator[Flag]:
    """Flag different countries in the headline and in the partner list."""
    announced, listed = project.announced, project.countries()
    only_announced = [code for code in announced if code not in listed]
    only_listed = [code for code in listed if code not in [*announced, project.lead.country]]
    if project.lead.country is None and not only_announced and len(only_listed) == 1:
        return  # the remaining country is the lead partner's
    if announced and (only_announced or only_listed):
        sentences = [_("The announcement contradicts itself.")]
        for sentence, codes in [
            (_("Only in the headline: %(countries)s."), only_announced),
            (_("Only in the list: %(countries)s."), only_listed),
        ]:
            names = [f"{places.name_of(code)} ({code})" for code in codes]
            sentences += [sentence % {"countries": get_text_list(names, _("and"))}] if codes else []
        either = (*only_announced, *only_listed)
        yield Flag(project.lead.line or project.line, " ".join(sentences), either)
