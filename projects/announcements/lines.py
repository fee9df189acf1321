"""A text cut into numbered lines, without personal data."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from projects.announcements.contact_removal import without_contact_data, without_personal_data
from projects.announcements.strip_markup import without_markup
from projects.models.choices import LineKind

OUR_TITLE = "What the Project Support Facility decided"  # of an announcement that we write
MAX_CHARACTERS = 1_000_000
MAX_LINES = 20_000
MAX_LINE = 21_000  # characters

NEWLINE = re.compile(r"\r\n|\r|\n")


@dataclass
class TextLine:
    """One line and the kind of statement in it. `project` and `row` count from 0.

    Personal data were removed from `text` if `left_out` is true.
    """

    number: int
    text: str
    left_out: bool = False
    kind: str = LineKind.NOT_UNDERSTOOD
    call: int | None = None
    project: int | None = None
    row: int | None = None

    def label(self) -> str:
        """The kind of the line, for the interface."""
        return str(LineKind(self.kind).label)

    def is_blank(self) -> bool:
        return not any(char.isalnum() for char in self.text)


def read_lines(text: str) -> list[TextLine]:
    """The lines of a text, counted from 1. Raises ValidationError for a text that is too large."""
    if len(text) > MAX_CHARACTERS:
        raise ValidationError(
            _("The text has %(length)s characters: at most %(most)s are read. Paste a part of it.")
            % {"length": f"{len(text):,}", "most": f"{MAX_CHARACTERS:,}"}
        )
    if "\0" in text:
        raise ValidationError(
            _("This is not plain text: it contains zero bytes. Paste only the text.")
        )
    pieces = NEWLINE.split(text.removeprefix("\ufeff"))
    if len(pieces) > MAX_LINES:
        raise ValidationError(
            _("The text has %(length)s lines: at most %(most)s are read. Paste a part of it.")
            % {"length": f"{len(pieces):,}", "most": f"{MAX_LINES:,}"}
        )
    for number, line in enumerate(pieces, start=1):
        if len(line) > MAX_LINE:
            raise ValidationError(
                _("Line %(number)s is longer than %(most)s characters: break it into paragraphs.")
                % {"number": number, "most": f"{MAX_LINE:,}"}
            )
    if pieces[-1] == "" and len(pieces) > 1:
        pieces.pop()
    if pieces[0] != OUR_TITLE:  # our own text is plain, even with markup signs in names
        pieces = [without_markup(line) for line in pieces]
    return list(_without_personal_data(pieces))


def _without_personal_data(pieces: list[str]) -> Iterator[TextLine]:
    """Yield the lines. In our own announcements no line is a heading of contact data."""
    is_ours = pieces[0] == OUR_TITLE
    after_each = _next_texts(pieces)
    before = ""
    for number, (text, after) in enumerate(zip(pieces, after_each, strict=True), start=1):
        if is_ours:
            words = text.lstrip()
            cleaned = without_contact_data(words)
            cleaned = cleaned and text.removesuffix(words) + cleaned
        else:
            cleaned = without_personal_data(text, before, after)
        yield TextLine(number, text if cleaned is None else cleaned, left_out=cleaned is not None)
        before = text if text.strip() else before


def _next_texts(pieces: list[str]) -> list[str]:
    """Return for each line the next line with text."""
    texts, after = [], ""
    for text in reversed(pieces):
        texts.append(after)
        after = text if text.strip() else after
    return texts[::-1]
