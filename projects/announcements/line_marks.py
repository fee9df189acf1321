"""Marks each line of a text by its form, without the lines around it."""

import re
from dataclasses import dataclass
from itertools import pairwise

from projects.announcements import labels as headings
from projects.announcements.country_names import LONGEST_ROW, PartnerEntry, Places
from projects.announcements.labels import Label, Labelled
from projects.announcements.lead_line import OneLine, read_one_line
from projects.announcements.lines import TextLine
from projects.announcements.priorities import Priorities

INDENT = "    "
BULLET = re.compile(r"\s{0,20}(?:[•●▪◦*·]|[–—-]|\d{1,2}[.)])[\s\u00a0]{1,9}(?=\S)")
SENTENCE = re.compile(r"[.!?][”\"’')]?\s{0,9}\Z")
SECTION = re.compile(r"\s{1,9}projects\s{0,9}:?\s{0,9}\Z", re.IGNORECASE)
WORDS_OF_A_SENTENCE = 6  # the least; shorter rows may end in a full stop
# Labels at the beginning of a project, in any order.
HEADER = {Label.TITLE, Label.LEAD, Label.COUNTRIES, Label.PRIORITY}


@dataclass
class Mark:
    """A line that is not blank, with the facts that its form shows."""

    line: TextLine
    text: str
    label: Labelled | None = None
    entry: PartnerEntry | None = None
    is_call: bool = False
    years: bool = False
    indented: bool = False
    continues: bool = False  # an indented line directly above, in the same paragraph
    one_line: OneLine | None = None
    names_country: bool = False  # at its end or before a comma, as in some rows
    follows_a_list: bool = False  # directly, although it is read as a title

    def heads_a_project(self) -> bool:
        return self.years or (self.label is not None and self.label.label in HEADER)

    def is_label(self, *labels: Label) -> bool:
        return self.label is not None and self.label.label in labels

    def is_bare_label(self) -> bool:
        """Whether the line has no label in front, such as the bare name of a priority."""
        return self.label is not None and self.label.value == self.text

    def is_plain(self) -> bool:
        form = self.label or self.entry or self.is_call or self.years or self.one_line
        return not (form or self.indented)

    def is_sentence(self) -> bool:
        return bool(SENTENCE.search(self.text[-30:])) or len(self.text) > LONGEST_ROW

    def is_a_row(self) -> bool:
        """Whether it is a row of a partner list without heading, and not a sentence."""
        if not self.entry:
            return False
        short = len((self.entry.name or "").split()) < WORDS_OF_A_SENTENCE
        return short or not self.is_sentence()

    def may_be_a_title(self) -> bool:
        """Whether it is a short line, not a sentence, and not only words of headings."""
        is_short = self.is_plain() and headings.is_like_a_title(self.text)
        is_low = self.text[:1].islower() and not self.text[1:2].isupper()  # "eHealth" is a name
        if not is_short or is_low or headings.is_unnamed_heading(self.text):
            return False
        return headings.recognise_label(self.text) is None

    def add_to(self, paragraphs: list[str], text: str = "") -> None:
        """Add the line, or another text of it, as a paragraph or to the paragraph above."""
        text = text or (self.text if self.indented else self.line.text.strip())
        if self.continues:
            paragraphs[-1] += f"\n{text}"
        else:
            paragraphs.append(text)

    def begins_a_list(self) -> bool:
        """Whether it is a heading such as "Project partners:" with nothing after it."""
        return self.label is not None and self.label == Labelled(Label.PARTNERS, "")


def read_marks(lines: list[TextLine], places: Places, priorities: Priorities) -> list[Mark]:
    """Return a mark for each line that is not blank."""
    marks: list[Mark] = []
    for line in lines:
        before = marks[-1] if marks else None
        if not line.is_blank() or (_is_about(before, line) and line.text.strip()):
            marks.append(_mark(line, places, priorities, before))
    return _with_values_from_next_line(marks)


def _is_about(before: Mark | None, line: TextLine) -> bool:
    """Whether the line is indented below a label of ours, and so always plain words."""
    if before is None or not line.text.startswith(INDENT):
        return False
    return before.indented or before.is_label(Label.ABOUT, Label.HEADLINE)


def _mark(line: TextLine, places: Places, priorities: Priorities, before: Mark | None) -> Mark:
    if before and _is_about(before, line):
        continues = before.indented and before.line.number + 1 == line.number
        return Mark(line, line.text[len(INDENT) :], indented=True, continues=continues)
    bullet = BULLET.match(line.text)
    text = line.text[bullet.end() if bullet else 0 :].strip()
    mark = Mark(line, text)
    mark.entry = places.read_row(text) if len(text) <= LONGEST_ROW else None
    if not mark.entry:
        mark.label = headings.read_label(text) or _priority(text, priorities)
    if mark.is_plain():
        mark.one_line = read_one_line(text, places)
    if mark.is_plain():
        mark.is_call = headings.is_call_heading(text)
    if mark.is_plain():
        mark.years = headings.read_years(text) is not None
    if mark.is_plain():
        mark.names_country = places.read_row_without_mark(text) is not None
    return mark


def _priority(text: str, priorities: Priorities) -> Labelled | None:
    """Read a line of priorities alone. "Regional Identity projects" is a heading of the call."""
    if len(text) > LONGEST_ROW or not priorities.named_in(text):
        return None
    if SECTION.search(text) and priorities.are_all_of(SECTION.sub("", text)):
        return Labelled(Label.CALL_PRIORITY, SECTION.sub("", text))
    return Labelled(Label.PRIORITY, text) if priorities.are_all_of(text) else None


def _with_values_from_next_line(marks: list[Mark]) -> list[Mark]:
    """Join a label such as "Lead partner:", alone on its line, with the next line."""
    value: Mark | None = None
    for mark, following in pairwise(marks):
        if mark is value:
            continue
        empty = mark.label is not None and not mark.label.value
        is_value = not following.label or following.is_bare_label()
        if mark.label and empty and mark.heads_a_project() and is_value:
            value = following
            mark.label = Labelled(mark.label.label, following.text)
            following.label = Labelled(mark.label.label, "")
            following.entry, following.is_call, following.years = None, False, False
    return marks
