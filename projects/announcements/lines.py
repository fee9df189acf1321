"""A text cut into numbered lines, without the personal data that such pages carry."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from projects.announcements.personal_data import without_personal_data
from projects.announcements.strip_markup import without_markup
from projects.models.choices import LineKind

OUR_TITLE = "What the Project Support Facility decided"  # of an announcement that we write
MAX_CHARACTERS = 1_000_000
MAX_LINES = 20_000
MAX_LINE = 21_000  # characters

NEWLINE = re.compile(r"\r\n|\r|\n")


@dataclass
class Line:
    """One line and what it became; `project` and `row` count from 0.

    `text` has no personal data: where there was some, `left_out` says so.
    """

    number: int
    text: str
    left_out: bool = False
    kind: str = LineKind.NOT_UNDERSTOOD
    call: int | None = None
    project: int | None = None
    row: int | None = None

    def label(self) -> str:
        """What it became, in a word."""
        return str(LineKind(self.kind).label)

    def is_blank(self) -> bool:
        return not any(char.isalnum() for char in self.text)


def read_lines(text: str) -> list[Line]:
    """The lines of a text, counted from 1. A text that is too large is refused in words."""
    if len(text) > MAX_CHARACTERS:
        raise ValidationError(
            _("The text has %(length)s characters: at most %(most)s are read. Paste a part of it.")
            % {"length": f"{len(text):,}", "most": f"{MAX_CHARACTERS:,}"}
        )
    if "\0" in text:
        raise ValidationError(_("This is not a text: it holds zero bytes. Paste the words only."))
    cut = NEWLINE.split(text.removeprefix("\ufeff"))
    if len(cut) > MAX_LINES:
        raise ValidationError(
            _("The text has %(length)s lines: at most %(most)s are read. Paste a part of it.")
            % {"length": f"{len(cut):,}", "most": f"{MAX_LINES:,}"}
        )
    for number, line in enumerate(cut, start=1):
        if len(line) > MAX_LINE:
            raise ValidationError(
                _("Line %(number)s is longer than %(most)s characters: break it into paragraphs.")
                % {"number": number, "most": f"{MAX_LINE:,}"}
            )
    if cut[-1] == "" and len(cut) > 1:
        cut.pop()
    if cut[0] != OUR_TITLE:  # ours is plain, whatever signs its names have
        cut = [without_markup(line) for line in cut]
    return list(_without_personal_data(cut))


def _without_personal_data(cut: list[str]) -> Iterator[Line]:
    before = ""
    for number, text in enumerate(cut, start=1):
        rest = without_personal_data(text, before)
        yield Line(number, text if rest is None else rest, left_out=rest is not None)
        before = text if text.strip() else before
