"""A text cut into numbered lines, without markup and personal data."""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from projects.announcements.contact_removal import LEFT_OUT, without_personal_data
from projects.models.choices import LineKind

OUR_TITLE = "What the Project Support Facility decided"  # of an announcement that we write
MAX_CHARACTERS = 100_000
MAX_LINE = 20_000  # characters

NEWLINE = re.compile(r"\r\n|\r|\n")
OTHER_ENDS = re.compile(r"[\x0b\x0c\x85\u2028\u2029]")
ENTITY = re.compile(r"&(?:[a-zA-Z]{2,8}|#\d{1,6}|#x[0-9a-fA-F]{1,5});")
REST_OF_TAG = r"(?:\s[^<>]{0,500})?/?>"
WITHIN_WORDS = re.compile(rf"</?(?:span|a|b|i|u|em|strong){REST_OF_TAG}", re.IGNORECASE)
BETWEEN_LINES = re.compile(
    rf"(?:</?(?:p|br|div|li|ul|ol|h[1-6]|section|article|table|tr|td|th|tbody){REST_OF_TAG}\s{{0,9}})+",
    re.IGNORECASE,
)
BOLD = re.compile(r"(\*\*|__)(?=\S)([^*]{1,1000}?)(?<=\S)\1")
# The marks of a quoted mail and of a heading.
START = re.compile(r"\A(?:\s{0,20}>\s?|\s{0,3}#{1,6}\s{1,9}(?=\S)){1,9}")
BREAKS = re.compile(r"[\r\n\0\x0b\x0c\x85\u2028\u2029]")


@dataclass
class TextLine:
    """One line and the kind of statement in it. `call` and `project` count from 0."""

    number: int
    text: str
    kind: str = LineKind.NOT_UNDERSTOOD
    call: int | None = None
    project: int | None = None

    def label(self) -> str:
        """The kind of the line, for the interface."""
        return str(LineKind(self.kind).label)

    def words(self) -> str:
        """The text without the mark of personal data that were left out."""
        return self.text.replace(f" {LEFT_OUT}", "").replace(LEFT_OUT, "")

    def is_changed(self) -> bool:
        """Whether personal data were left out."""
        return LEFT_OUT in self.text


def read_lines(text: str, is_labelled: Callable[[str], bool]) -> list[TextLine]:
    """The lines of a text, counted from 1. Raises ValidationError for a text that is too large.

    `is_labelled`: whether a line is a row of a partner list, or begins with a label.
    """
    _refuse_too_large(text)
    pieces = NEWLINE.split(text.removeprefix("\ufeff"))
    if pieces[0] != OUR_TITLE:  # our own text is plain, even with markup signs in names
        parts = [part for piece in pieces for part in OTHER_ENDS.split(piece)]
        pieces = [line for part in parts for line in _without_markup(part)]
    if pieces[-1] == "" and len(pieces) > 1:
        pieces.pop()
    cleaned = without_personal_data(pieces, is_labelled)
    lines = [TextLine(number, line) for number, line in enumerate(cleaned, start=1)]
    for line in lines:
        if not any(char.isalnum() for char in line.words()):
            line.kind = LineKind.LEFT_OUT if line.is_changed() else LineKind.BLANK
    return lines


def _refuse_too_large(text: str) -> None:
    if len(text) > MAX_CHARACTERS:
        sentence = _("The text has %(length)s characters: at most %(most)s are read.")
        words = {"length": f"{len(text):,}", "most": f"{MAX_CHARACTERS:,}"}
        raise ValidationError(sentence % words)
    if "\0" in text:
        raise ValidationError(_("This is not plain text: it contains zero bytes."))
    for number, line in enumerate(NEWLINE.split(text), start=1):
        if len(line) > MAX_LINE:
            sentence = _("Line %(number)s has more than %(most)s characters: break it.")
            raise ValidationError(sentence % {"number": number, "most": f"{MAX_LINE:,}"})


def _without_markup(line: str) -> list[str]:
    """Turn "<li>**Latvia:** Harbour &amp; Port</li>" into "Latvia: Harbour & Port".

    A tag between two words, such as "A<br>B", begins another line. Marks of quotes are removed.
    """
    if "<" in line:
        line = BETWEEN_LINES.sub("\n", WITHIN_WORDS.sub("", line)).strip("\n")
    if "&" in line:
        line = ENTITY.sub(lambda entity: BREAKS.sub(" ", html.unescape(entity[0])), line)
    return [BOLD.sub(r"\2", START.sub("", part)) for part in line.split("\n")]
