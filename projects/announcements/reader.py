"""Reads the text of an announcement in the facility's own layout. Nothing is guessed.

Each line is a fact of the draft, a heading, blank, or stands under "not read".
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from projects.announcements.country_names import PartnerEntry, Places
from projects.announcements.lines import OUR_TITLE, read_lines
from projects.announcements.parsed_text import (
    Flag,
    Lead,
    ParsedCall,
    ParsedProject,
    ParsedRow,
    ParsedText,
)
from projects.announcements.pieces import (
    YEARS_OF_A_TITLE,
    Label,
    Piece,
    is_sentence,
    make_pieces,
    read_label,
)
from projects.models import LineKind, Priority
from psf.text.folding import fold

LONG_TERM = ["Regional Identity", "Sustainable and Prosperous Region", "Safe and Secure Region"]
WITH = re.compile(r"[\s,]{1,9}in\s{1,9}partnership\s{1,9}with[:\s]{1,9}", re.IGNORECASE)
MOST = 12  # occurrences of "in partnership with" examined in one line
HEADER = [Label.TITLE, Label.PRIORITY, Label.LEAD, Label.COUNTRIES]


def parse_text(text: str, places: Places, priorities: Iterable[str]) -> ParsedText:
    """Parse the text. Raises ValidationError for a text that is too large."""

    def is_labelled(line: str) -> bool:
        return places.read_row(line) is not None or read_label(line) is not None

    reading = ParsedText(read_lines(text, is_labelled))
    is_ours = reading.lines[0].text == OUR_TITLE
    pieces = make_pieces(reading.lines, places, is_ours)
    _Reader(reading, pieces, places, priorities).read()
    return reading


def parse_announcement(text: str) -> ParsedText:
    """Parse the text with the recorded countries and priorities."""
    names = Priority.objects.values_list("name", flat=True)
    return parse_text(text, Places.from_database(), names)


class Headline(NamedTuple):
    """`unknown`: words that name no country."""

    country: str | None
    name: str | None
    announced: list[str]
    unknown: list[str]


def read_headline(text: str, places: Places) -> Headline:
    """Read "Latvia (Municipal Police) in partnership with Finland and Lithuania", without label.

    A name may contain "in partnership with". The last occurrence before a list of countries
    alone counts, or else the last occurrence before any country.
    """
    partly = None
    for match in reversed(list(WITH.finditer(text))[-MOST:]):
        tail = text[match.end() :]
        countries = places.read_list(tail)
        headline = Headline(*places.read_lead(text[: match.start()]), *countries)
        if countries.codes and not countries.unknown:
            return headline
        is_open = not tail.rstrip(". \u00a0").endswith(")")  # otherwise a name may end there
        if countries.codes and not partly and is_open:
            partly = headline
    return partly or Headline(*places.read_lead(text), [], [])


def _key(text: str) -> str:
    return fold(text.replace("&", " and "))


class _Reader:
    def __init__(
        self, reading: ParsedText, pieces: list[Piece], places: Places, priorities: Iterable[str]
    ) -> None:
        self.reading, self.pieces, self.places = reading, pieces, places
        names = {_key(name): name for name in [*LONG_TERM, *priorities]}
        self.priorities = dict(sorted(names.items(), key=lambda pair: -len(pair[0])))
        self.project: ParsedProject | None = None
        self.header: set[Label] = set()  # labels at the beginning of the project, until its text
        self.in_header = self.in_list = False
        self.is_listed = False  # whether a list names the partners of the project
        self.is_second = False  # whether the list is another one, perhaps of another project
        self.is_below_list = False  # whether the project begins below the list of another one
        self.section = Label.ABOUT  # to which indented lines belong

    def read(self) -> None:
        for index, piece in enumerate(self.pieces):
            kind = self._read(index, piece)
            is_head = kind == LineKind.PROJECT_TITLE or piece.has_label(*HEADER)
            self.in_header = self.in_header and is_head
            for line in piece.lines:
                line.kind = kind
                line.call = len(self.reading.calls) - 1 if self.reading.calls else None
                line.project = len(self.reading.projects()) - 1 if self.project else None
        for line in self.reading.lines:
            if line.is_changed() and self.reading.calls:
                sentence = _("Personal data were left out: check that no name of a person is left.")
                self.reading.calls[line.call or 0].flags.append(Flag(line.number, sentence))
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

    # Where a project begins

    def _begins_project(self, index: int, piece: Piece) -> bool:
        if piece.has_label(Label.LEAD, Label.TITLE):
            return not self.in_header or piece.has_label(*self.header)
        if piece.has_label(Label.COUNTRIES):
            return self.project is None or (not self.in_header and bool(self.project.announced))
        if piece.has_label(Label.PRIORITY):
            is_open = self.in_header and Label.LEAD not in self.header
            return not is_open and self._leads(index + 1, titles=1)
        lacks_title = self.in_header and not {Label.TITLE, Label.LEAD} & self.header
        return self._is_title(index, piece) and not lacks_title

    def _is_title(self, index: int, piece: Piece) -> bool:
        """Whether it is a short line directly above the header of a project, or has years."""
        if not piece.may_be_a_title() or self.places.read_row(piece.text):
            return False
        return piece.has_years() or self._leads(index + 1)

    def _leads(self, index: int, titles: int = 0) -> bool:
        """Whether the header of a project continues here: priorities, then the lead partner."""
        for piece in self.pieces[index : index + 6]:
            if piece.has_label(Label.LEAD, Label.COUNTRIES):
                return True
            titles -= piece.may_be_a_title()
            if titles < 0 or not (piece.may_be_a_title() or piece.has_label(Label.PRIORITY)):
                return False
        return False

    # One piece

    def _read(self, index: int, piece: Piece) -> LineKind:
        if piece.is_indented():
            return self._read_quoted(piece)
        if piece.is_call_heading():
            return self._read_call(piece)
        if self._begins_project(index, piece):
            self.project = ParsedProject(line=piece.lines[0].number)
            self._call().projects.append(self.project)
            self.header, self.in_header, self.is_below_list = set(), True, self.in_list
            self.in_list = self.is_listed = self.is_second = False
        if self.project is None:
            return self._read_about_call(index, piece)
        if piece.labelled:
            self.header.add(piece.labelled.label)
            return self._read_label(piece, self.project)
        if self._is_title(index, piece):
            self.header.add(Label.TITLE)
            return self._read_title(piece, self.project)
        return self._read_plain(piece, self.project)

    def _read_quoted(self, piece: Piece) -> LineKind:
        """Read an indented line: of a description, or of the headline as published."""
        if self.project and self.section is Label.HEADLINE:
            self.project.headline = f"{self.project.headline or ''}\n{piece.text}".strip()
            return LineKind.LEAD
        (self.project or self._call()).paragraphs.append(piece.text)
        return LineKind.PARAGRAPH if self.project else LineKind.CALL_TEXT

    def _read_call(self, piece: Piece) -> LineKind:
        """Begin another call. Lines before the first heading belong to the first call."""
        call = self._call()
        if call.heading not in [None, piece.value()] or call.projects:
            call = ParsedCall()
            self.reading.calls.append(call)
            self.project = None
        call.heading, call.line = piece.value() or None, piece.lines[0].number
        return LineKind.CALL

    def _read_about_call(self, index: int, piece: Piece) -> LineKind:
        if piece.has_label(Label.CALL_PRIORITY, Label.PRIORITY):
            return self._read_priorities(piece, self._call())
        if piece.has_label(Label.ABOUT) and not piece.value():
            return LineKind.HEADING
        if index == 0 and not is_sentence(piece.text):
            return LineKind.TITLE
        if piece.labelled or piece.is_ours or not is_sentence(piece.text):
            return LineKind.NOT_UNDERSTOOD
        self._call().paragraphs.append(piece.text)
        return LineKind.CALL_TEXT

    def _read_priorities(self, piece: Piece, record: ParsedCall | ParsedProject) -> LineKind:
        """Read known priorities alone: "Safe & Secure Region and Regional Identity"."""
        pattern = "|".join(rf"\b{re.escape(name)}\b" for name in self.priorities if name)
        key = _key(piece.value())
        found = [self.priorities[name] for name in re.findall(pattern, key)]
        if not found or not set(re.sub(pattern, " ", key).split()) <= {"and"}:
            return LineKind.NOT_UNDERSTOOD
        record.priorities = list(dict.fromkeys([*record.priorities, *found]))
        return LineKind.PRIORITY

    def _read_label(self, piece: Piece, project: ParsedProject) -> LineKind:
        assert piece.labelled
        label, value = piece.labelled
        match label:
            case Label.TITLE:
                return self._read_title(piece, project)
            case Label.LEAD:
                return self._read_lead(piece, project)
            case Label.COUNTRIES:
                return self._read_countries(piece, project)
            case Label.PRIORITY:
                return self._read_priorities(piece, project)
            case Label.PARTNERS:
                return self._begin_list(piece, project)
            case Label.ABOUT | Label.HEADLINE if not value:
                self.section, self.in_list = label, False
                return LineKind.HEADING
            case Label.ABOUT:
                project.paragraphs.append(value)
                return LineKind.PARAGRAPH
        return LineKind.NOT_UNDERSTOOD

    def _read_title(self, piece: Piece, project: ParsedProject) -> LineKind:
        if not piece.value():
            return LineKind.NOT_UNDERSTOOD
        if self.is_below_list and not piece.labelled:
            sentence = _("This line below a list of partners is read as the title: check it.")
            project.flags.append(Flag(piece.lines[0].number, sentence))
        years = None if piece.labelled else YEARS_OF_A_TITLE.match(piece.text)
        project.title = piece.value()[years.end() if years else 0 :]
        return LineKind.PROJECT_TITLE

    def _read_lead(self, piece: Piece, project: ParsedProject) -> LineKind:
        number = piece.lines[0].number
        headline = read_headline(piece.value(), self.places)
        if not headline.country and not headline.name:
            return LineKind.NOT_UNDERSTOOD
        project.lead = Lead(headline.country, headline.name, number)
        project.headline = None if piece.is_ours else piece.text
        self._announce(piece, project, headline.announced, headline.unknown)
        return LineKind.LEAD

    def _read_countries(self, piece: Piece, project: ParsedProject) -> LineKind:
        countries = self.places.read_list(piece.value())
        if not countries.codes:
            return LineKind.NOT_UNDERSTOOD
        self._announce(piece, project, countries.codes, countries.unknown)
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
        value = piece.value()
        if self.is_second:
            return LineKind.NOT_UNDERSTOOD
        entry = self.places.read_row(value)
        if entry:
            return self._add_row(piece, project, entry)
        return self._read_countries(piece, project) if value else LineKind.HEADING

    def _add_row(self, piece: Piece, project: ParsedProject, entry: PartnerEntry) -> LineKind:
        before = project.rows if self.is_listed else []
        row = ParsedRow(entry.country, entry.name, piece.lines[0].number, piece.text)
        project.rows = [*before, row]
        self.in_list = self.is_listed = True
        return LineKind.PARTNER

    def _read_plain(self, piece: Piece, project: ParsedProject) -> LineKind:
        """Read a row, or a paragraph above the list. A project without a lead needs no heading."""
        entry = self.places.read_row(piece.text)
        is_first = not self.is_second
        if entry and is_first and (self.in_list or not self.header & {Label.LEAD, Label.COUNTRIES}):
            return self._add_row(piece, project, entry)
        if self.in_list or piece.is_ours:
            return LineKind.NOT_UNDERSTOOD
        project.paragraphs.append(piece.text)
        return LineKind.PARAGRAPH


def _flags_of(project: ParsedProject, places: Places) -> Iterator[Flag]:
    lead, own = project.lead, project.lead_row()
    if project.title is None:
        sentence = _("The text has no title for the project: enter one with its source.")
        yield Flag(project.line, sentence)
    if lead.line is None:
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
        parts = [
            _("The announcement contradicts itself."),
            _only_in(_("Only in the headline: %(countries)s."), only_announced, places),
            _only_in(_("Only in the list: %(countries)s."), only_listed, places),
        ]
        codes = (*only_announced, *only_listed)
        yield Flag(project.lead.line or project.line, " ".join(filter(None, parts)), codes)


def _only_in(sentence: str, codes: list[str], places: Places) -> str:
    countries = [f"{places.name_of(code)} ({code})" for code in codes]
    return sentence % {"countries": get_text_list(countries, _("and"))} if codes else ""
