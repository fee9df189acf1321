"""Joins the wrapped lines of a text into pieces: a label, a row, a title or a paragraph each."""

import re
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum
from functools import cached_property
from math import inf
from typing import NamedTuple

from projects.announcements.country_names import Places
from projects.announcements.lines import TextLine
from projects.models.choices import LineKind
from psf.text.folding import fold


class Label(Enum):
    """A label with its spellings, folded."""

    CALL = ("call",)
    CALL_PRIORITY = ("priority of the call",)
    TITLE = ("project title", "title of the project", "title")
    PRIORITY = ("priority", "priorities", "long term priority", "long term priorities")
    LEAD = ("lead partner", "project leader", "project lead partner", "lead applicant", "leader")
    COUNTRIES = ("participating countries", "partner countries", "countries")
    PARTNERS = ("project partners", "project partner", "partners", "list of partners")
    ABOUT = ("about the call", "about the project", "description", "project description")
    HEADLINE = ("headline as published",)


class Labelled(NamedTuple):
    """A label and the text after it."""

    label: Label
    value: str


BY_SPELLING = {spelling: label for label in Label for spelling in label.value}
LABELLED = re.compile(r"\s{0,20}(.{2,40}?)\s{0,9}[:;]")
YEAR = r"(?:19|20)\d\d"
YEARS = rf"{YEAR}(?:\s{{0,3}}[-–—/]\s{{0,3}}(?:{YEAR}|\d\d))?"
FACILITY = r"(?:PSF|Project Support Facility)(?: \(PSF\))?"
CALL_HEADING = re.compile(
    rf"(?:the )?(?:CBSS )?{FACILITY}(?:,?[ –—:-]{{1,3}}(?:call|funded|projects)){{0,3}}"
    rf",?[ –—:-]{{1,3}}{YEARS}(?: call| projects)?(?:\s?[:–—-]\s?\S.{{0,100}})?"
    rf"|{YEARS} (?:CBSS )?{FACILITY}(?: call| projects)?",
    re.IGNORECASE,
)
YEARS_OF_A_TITLE = re.compile(
    rf"\(?({YEAR}\s{{0,3}}[-–—/]\s{{0,3}}(?:{YEAR}|\d\d))\)?(?!\d)[\s:.,–—-]{{1,9}}(?=\S)"
)
SENTENCE = re.compile(r"[.!?…][”\"’')]{0,2}\s{0,9}\Z")
WORDS_OF_A_SENTENCE = 4  # the least
LONGEST_TITLE = 200
LONGEST_LABEL = 40
INDENT = "    "  # of descriptions in the announcements that we write
BULLET = re.compile(r"(?:[•●▪◦*·]|[–—-]|\d{1,2}[.)])[\s\u00a0]{1,9}(?=\S)")
WRAPPED = range(50, 121)  # characters of the longest line of a text with wrapped lines
NEARLY_FULL = 20  # characters below the longest line: some lines are, if lines are wrapped
GOES_ON = re.compile(r"(?:,|&|\band|\bwith|\bin|\bpartnership)\Z", re.IGNORECASE)
CONTINUES = re.compile(r"(?:(?:in )?(?:partnership )?with|and)\b|&", re.IGNORECASE)
NAMES_COUNTRIES = re.compile(r"\bin\s+partnership\s+with\s", re.IGNORECASE)
HAVE_A_VALUE = {Label.CALL, Label.TITLE, Label.PRIORITY, Label.LEAD, Label.COUNTRIES}


def read_label(text: str) -> Labelled | None:
    """ "Priority; Safe Region" is a priority, "Project Parnters" the heading of a list."""
    match = LABELLED.match(text[:LONGEST_TITLE])
    if match and (label := _label_of(match[1])):
        return Labelled(label, text[match.end() :].strip())
    is_heading = len(text) <= LONGEST_LABEL and _label_of(text) is Label.PARTNERS
    return Labelled(Label.PARTNERS, "") if is_heading else None


def _label_of(words: str) -> Label | None:
    """The label of these words. One or two wrong letters of a long label are allowed."""
    folded = fold(words)
    if folded in BY_SPELLING or len(folded) < 7:
        return BY_SPELLING.get(folded)
    like = [name for name in BY_SPELLING if name.count(" ") == folded.count(" ")]
    near = get_close_matches(folded, like, n=1, cutoff=0.88)
    return BY_SPELLING[near[0]] if near else None


def is_sentence(text: str) -> bool:
    return SENTENCE.search(text) is not None and len(text.split()) >= WORDS_OF_A_SENTENCE


def is_like_a_title(text: str) -> bool:
    """Whether the line is short and is not a sentence."""
    is_open = text.endswith((",", ";", ":")) or SENTENCE.search(text)
    if NAMES_COUNTRIES.search(text):
        return False
    return 1 < len(text) <= LONGEST_TITLE and (not is_open or text.endswith("..."))


@dataclass
class Piece:
    """One statement of the text and its lines. `is_ours`: of an announcement that we wrote."""

    lines: list[TextLine]
    text: str
    is_ours: bool
    has_ended: bool = False  # personal data were left out below it

    @cached_property
    def labelled(self) -> Labelled | None:
        return None if self.is_indented() else read_label(self.text)

    def has_label(self, *labels: Label) -> bool:
        return self.labelled is not None and self.labelled.label in labels

    def value(self) -> str:
        return self.labelled.value if self.labelled else self.text

    def is_indented(self) -> bool:
        return self.is_ours and self.lines[0].text.startswith(INDENT)

    def is_call_heading(self) -> bool:
        """Whether it is like "PSF 2019", "PSF projects 2016-2018" or "PSF 2019: Safe Region"."""
        is_heading = self.may_be_a_title() and CALL_HEADING.fullmatch(self.text)
        return self.has_label(Label.CALL) or bool(is_heading)

    def may_be_a_title(self) -> bool:
        return self.labelled is None and not self.is_ours and is_like_a_title(self.text)

    def has_years(self) -> bool:
        """Whether it is a title such as "2016-2018 At the Water’s Edge"."""
        return self.may_be_a_title() and YEARS_OF_A_TITLE.match(self.text) is not None

    def awaits_value(self) -> bool:
        return self.has_label(*HAVE_A_VALUE) and not self.value() and not self.has_ended

    def begins(self, before: "Piece", places: Places) -> bool:
        """Whether it is no line that goes on, but a label, a heading, or a row below a row."""
        in_list = before.has_label(Label.PARTNERS) or places.read_row(before.text)
        row = in_list and places.read_row(self.text)
        return bool(self.labelled or self.is_call_heading() or self.has_years() or row)

    def add(self, line: TextLine, words: str) -> None:
        self.lines.append(line)
        self.text = f"{self.text} {words}"
        vars(self).pop("labelled", None)


def make_pieces(lines: list[TextLine], places: Places, is_ours: bool) -> list[Piece]:
    """Join each line to the one above that it continues."""
    width = _width(lines)
    pieces: list[Piece] = []
    for line in lines:
        if line.kind == LineKind.LEFT_OUT and pieces:
            pieces[-1].has_ended = True
        if line.kind in [LineKind.LEFT_OUT, LineKind.BLANK]:
            continue
        text = line.words().strip()
        bullet = None if is_ours else BULLET.match(text)
        piece = Piece([line], text[bullet.end() if bullet else 0 :], is_ours)
        is_new = not pieces or is_ours or (bullet and bullet[0][0] not in "–—-")
        begins = is_new or piece.begins(pieces[-1], places)
        if begins or not _continues(pieces[-1], piece, width, places):
            pieces.append(piece)
        else:
            pieces[-1].add(line, text)
    return pieces


def _width(lines: list[TextLine]) -> float:
    """The width at which lines are wrapped; infinite for a text without wrapped lines."""
    lengths = [len(line.text) for line in lines]
    width = max(lengths)
    nearly_full = [length for length in lengths if length > width - NEARLY_FULL]
    return width if width in WRAPPED and len(nearly_full) >= 3 else inf


def _continues(before: Piece, piece: Piece, width: float, places: Places) -> bool:
    if before.awaits_value():
        return True
    is_below = piece.lines[0].number == before.lines[-1].number + 1
    if not is_below or before.has_label(Label.PARTNERS) or before.is_call_heading():
        return False
    goes_on = GOES_ON.search(before.text[-20:]) or CONTINUES.match(piece.text)
    names_countries = before.has_label(Label.LEAD) and NAMES_COUNTRIES.search(before.text)
    if before.has_label(Label.COUNTRIES) or names_countries:
        return bool(goes_on)
    is_open = before.text.count("(") > before.text.count(")") or NAMES_COUNTRIES.search(piece.text)
    if (before.has_label(Label.LEAD) and (goes_on or is_open)) or (
        before.has_label(Label.PRIORITY) and goes_on
    ):
        return True
    length = len(before.lines[-1].text) + 1 + len(piece.text.split()[0])
    is_prose = len(piece.text) > width - NEARLY_FULL or SENTENCE.search(piece.text)
    return length > width and not (is_prose and places.read_row(before.text))
