"""Cuts a text into lines, and joins wrapped lines into pieces: one statement each."""

import html
import re
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum
from functools import cached_property
from math import inf
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from projects.announcements.contact_removal import LEFT_OUT, without_personal_data
from projects.announcements.places import PartnerEntry, Places
from projects.models.choices import LineKind
from psf.text.folding import fold

OUR_TITLE = "What the Project Support Facility decided"  # of an announcement that we write
INDENT = "    "  # of descriptions in the announcements that we write
MAX_CHARACTERS = 100_000
MAX_LINE = 20_000  # characters

NEWLINE = re.compile(r"\r\n|\r|\n")
OTHER_ENDS = re.compile(r"[\x0b\x0c\x85\u2028\u2029]")
BREAKS = re.compile(rf"[\0]|{NEWLINE.pattern}|{OTHER_ENDS.pattern}")
REST_OF_TAG = r"(?:\s[^<>]{0,500})?/?>"
WITHIN_WORDS = re.compile(rf"</?(?:span|a|b|i|u|em|strong){REST_OF_TAG}", re.IGNORECASE)
BETWEEN_LINES = re.compile(
    rf"(?:</?(?:p|br|div|li|ul|ol|h[1-6]|section|article|table|tr|td|th|tbody){REST_OF_TAG}\s{{0,9}})+",
    re.IGNORECASE,
)
ENTITY = re.compile(r"&(?:[a-zA-Z]{2,8}|#\d{1,6}|#x[0-9a-fA-F]{1,5});")
BOLD = re.compile(r"(\*\*|__)(?=\S)([^*]{1,1000}?)(?<=\S)\1")
# The marks of a quoted mail and of a heading.
START = re.compile(r"\A(?:\s{0,20}>\s?|\s{0,3}#{1,6}\s{1,9}(?=\S)){1,9}")
BULLET = re.compile(r"(?:[•●▪◦*·]|[–—-]|\d{1,2}[.)])[\s\u00a0]{1,9}(?=\S)")


@dataclass
class TextLine:
    """One line and the kind of statement in it. `project` counts from 0."""

    number: int
    text: str
    kind: LineKind = LineKind.NOT_UNDERSTOOD
    project: int | None = None

    def words(self) -> str:
        """The text without the mark of personal data that were left out."""
        return self.text.replace(f" {LEFT_OUT}", "").replace(LEFT_OUT, "")

    def is_changed(self) -> bool:
        """Whether personal data were left out."""
        return LEFT_OUT in self.text


def read_lines(text: str, places: Places) -> list[TextLine]:
    """The lines of a text, counted from 1. Raises ValidationError for a text that is too large."""
    if len(text) > MAX_CHARACTERS:
        sentence = _("The text has %(length)s characters: at most %(most)s are read.")
        words = {"length": f"{len(text):,}", "most": f"{MAX_CHARACTERS:,}"}
        raise ValidationError(sentence % words)
    if "\0" in text:
        raise ValidationError(_("This is not plain text: it contains zero bytes."))
    parts = NEWLINE.split(text.removeprefix("\ufeff"))
    for number, part in enumerate(parts, start=1):
        if len(part) > MAX_LINE:
            sentence = _("Line %(number)s has more than %(most)s characters: break it.")
            raise ValidationError(sentence % {"number": number, "most": f"{MAX_LINE:,}"})
    if parts[0] != OUR_TITLE:  # our own text is plain, even with markup signs in names
        pieces = [piece for part in parts for piece in OTHER_ENDS.split(part)]
        parts = [line for piece in pieces for line in _without_markup(piece)]
    if parts[-1] == "" and len(parts) > 1:
        parts.pop()
    cleaned = without_personal_data(
        parts, lambda line: places.read_row(line) is not None or read_label(line) is not None
    )
    lines = [TextLine(number, line) for number, line in enumerate(cleaned, start=1)]
    for line in lines:
        if not any(char.isalnum() for char in line.words()):
            line.kind = LineKind.LEFT_OUT if line.is_changed() else LineKind.BLANK
    return lines


def _without_markup(line: str) -> list[str]:
    """Turn "<li>**Latvia:** Harbour &amp; Port</li>" into "Latvia: Harbour & Port".

    A tag between two words, such as "A<br>B", begins another line. Marks of quotes are removed.
    """
    line = BETWEEN_LINES.sub("\n", WITHIN_WORDS.sub("", line)).strip("\n") if "<" in line else line
    line = ENTITY.sub(lambda entity: BREAKS.sub(" ", html.unescape(entity[0])), line)
    return [BOLD.sub(r"\2", START.sub("", part)) for part in line.split("\n")]


class Label(Enum):
    """What a piece is by its own words: a label with its spellings, folded, or a layout."""

    CALL = ("call",)
    CALL_PRIORITY = ("priority of the call",)
    TITLE = ("project title", "title of the project", "title")
    PRIORITY = ("priority", "priorities", "long term priority", "long term priorities")
    LEAD = ("lead partner", "project leader", "project lead partner", "lead applicant", "leader")
    COUNTRIES = ("participating countries", "partner countries", "countries")
    PARTNERS = ("project partners", "project partner", "partners", "list of partners")
    ABOUT = ("about the call", "about the project", "description", "project description")
    HEADLINE = ("headline as published",)
    ROW = "a country, perhaps with an organisation"
    DATED = "a title with years"
    SHORT = "a short line, perhaps a title"
    QUOTED = "an indented line of an announcement that we wrote"
    TEXT = "any other words"


class Statement(NamedTuple):
    """The words after a label, or all words. `entry`: of a partner row."""

    label: Label
    value: str
    entry: PartnerEntry | None = None


LAYOUTS = {Label.ROW, Label.DATED, Label.SHORT, Label.QUOTED, Label.TEXT}
BY_SPELLING = {name: label for label in Label if label not in LAYOUTS for name in label.value}
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
WRAPPED = range(50, 121)  # characters of the longest line of a text with wrapped lines
NEARLY_FULL = 20  # characters below the longest line: some lines are, if lines are wrapped
GOES_ON = re.compile(r"(?:,|&|\band|\bwith|\bin|\bpartnership)\Z", re.IGNORECASE)
CONTINUES = re.compile(r"(?:(?:in )?(?:partnership )?with|and)\b|&", re.IGNORECASE)
NAMES_COUNTRIES = re.compile(r"\bin\s+partnership\s+with\s", re.IGNORECASE)
HAVE_A_VALUE = {Label.CALL, Label.TITLE, Label.PRIORITY, Label.LEAD, Label.COUNTRIES}


def read_label(text: str) -> Statement | None:
    """ "Priority; Safe Region" is a priority, "Project Parnters" the heading of a list."""
    match = LABELLED.match(text[:LONGEST_TITLE])
    if match and (label := _label_of(match[1])):
        return Statement(label, text[match.end() :].strip())
    is_heading = len(text) <= LONGEST_LABEL and _label_of(text) is Label.PARTNERS
    return Statement(Label.PARTNERS, "") if is_heading else None


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


def _is_like_a_title(text: str) -> bool:
    """Whether the line is short and is not a sentence."""
    is_open = text.endswith((",", ";", ":")) or SENTENCE.search(text)
    is_short = 1 < len(text) <= LONGEST_TITLE and not NAMES_COUNTRIES.search(text)
    return is_short and (not is_open or text.endswith("..."))


@dataclass
class Piece:
    """One statement of the text and its lines. `is_ours`: of an announcement that we wrote."""

    lines: list[TextLine]
    text: str
    places: Places
    is_ours: bool
    has_ended: bool = False  # personal data were left out below it

    @cached_property
    def statement(self) -> Statement:
        """What the piece says: the one place that decides."""
        text = self.text
        if self.is_ours and self.lines[0].text.startswith(INDENT):
            return Statement(Label.QUOTED, text)
        if labelled := read_label(text):
            return labelled
        is_short = not self.is_ours and _is_like_a_title(text)
        if is_short and CALL_HEADING.fullmatch(text):
            return Statement(Label.CALL, text)
        if entry := self.places.read_row(text):
            return Statement(Label.ROW, text, entry)
        if is_short and (years := YEARS_OF_A_TITLE.match(text)):
            return Statement(Label.DATED, text[years.end() :])
        return Statement(Label.SHORT if is_short else Label.TEXT, text)

    def is_a(self, *labels: Label) -> bool:
        return self.statement.label in labels

    def begins(self, before: "Piece") -> bool:
        """Whether it is no line that goes on, but a label, a heading, or a row below a row."""
        if self.is_a(Label.ROW):
            return before.is_a(Label.PARTNERS, Label.ROW)
        return self.is_a(*BY_SPELLING.values(), Label.DATED)

    def add(self, line: TextLine, words: str) -> None:
        self.lines.append(line)
        self.text = f"{self.text} {words}"
        vars(self).pop("statement", None)


def make_pieces(lines: list[TextLine], places: Places) -> list[Piece]:
    """Join each line to the one above that it continues."""
    is_ours = lines[0].text == OUR_TITLE
    width = _width(lines)
    pieces: list[Piece] = []
    for line in lines:
        if line.kind == LineKind.LEFT_OUT and pieces:
            pieces[-1].has_ended = True
        if line.kind in [LineKind.LEFT_OUT, LineKind.BLANK]:
            continue
        text = line.words().strip()
        bullet = None if is_ours else BULLET.match(text)
        piece = Piece([line], text[bullet.end() if bullet else 0 :], places, is_ours)
        is_new = not pieces or is_ours or (bullet and bullet[0][0] not in "–—-")
        if is_new or piece.begins(pieces[-1]) or not _continues(pieces[-1], piece, width):
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


def _continues(before: Piece, piece: Piece, width: float) -> bool:
    label, value, _entry = before.statement
    if label in HAVE_A_VALUE and not value and not before.has_ended:
        return True
    is_below = piece.lines[0].number == before.lines[-1].number + 1
    if not is_below or label in [Label.PARTNERS, Label.CALL]:
        return False
    goes_on = GOES_ON.search(before.text[-20:]) or CONTINUES.match(piece.text)
    if goes_on and label in [Label.LEAD, Label.COUNTRIES, Label.PRIORITY]:
        return True
    if label is Label.COUNTRIES or (label is Label.LEAD and NAMES_COUNTRIES.search(before.text)):
        return False
    is_open = before.text.count("(") > before.text.count(")") or NAMES_COUNTRIES.search(piece.text)
    if label is Label.LEAD and is_open:
        return True
    length = len(before.lines[-1].text) + 1 + len(piece.text.split()[0])
    is_prose = len(piece.text) > width - NEARLY_FULL or SENTENCE.search(piece.text)
    return length > width and not (is_prose and label is Label.ROW)
