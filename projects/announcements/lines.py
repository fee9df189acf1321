"""A text cut into numbered lines, without the personal data that such pages carry."""

import re
from dataclasses import dataclass
from itertools import islice

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from projects.models.choices import LineKind

MAX_CHARACTERS = 1_000_000
MAX_LINES = 20_000
MAX_LINE = 21_000  # characters

# Bounded repetition only: each of these reads a hostile line in one pass.
ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
TELEPHONE = re.compile(
    r"(?:\b(?:tel|telephone|phone|mobile|mob|fax)\b[.:]{0,2}\s{0,3}\+?|\+|(?<!\d)00(?=[1-9]))"
    r"\d(?:[ \u00a0()./-]{0,3}\d){6,14}",
    re.IGNORECASE,
)
BEFORE_IT = re.compile(
    r"[\s,;(]{0,5}(?:\b(?:e-?mail|mail|tel|telephone|phone|contact)\b\.?:?\s{0,3})?\Z",
    re.IGNORECASE,
)
CONTACT = re.compile(
    r"\s{0,20}(?:contact(?: person| details| information)?|e-?mail|tel|telephone|phone|mobile|fax)"
    r"\s{0,3}[.:–-]",
    re.IGNORECASE,
)
# A line such as a row of a partner list, of which the rest is kept.
LABELLED = re.compile(r"[^:–.!?@]{1,60}[:–]")
LONGEST_LABELLED = 600  # characters
SENTENCE_END = re.compile(r"(?<=[.!?])\s{1,20}(?=[^\W\d_]|[“\"(])")
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
    return [_without_personal_data(number, line) for number, line in enumerate(cut, start=1)]


def _without_personal_data(number: int, text: str) -> Line:
    """Leaves out the address or number of a labelled line, and in running text its sentence."""
    if CONTACT.match(text):
        return Line(number, "", left_out=True)
    if not has_personal_data(text):
        return Line(number, text)
    if LABELLED.match(text) and len(text) <= LONGEST_LABELLED:
        return Line(number, _cut_out(text), left_out=True)
    kept = [sentence for sentence in SENTENCE_END.split(text) if not has_personal_data(sentence)]
    return Line(number, " ".join(kept), left_out=True)


def has_personal_data(text: str) -> bool:
    """Whether an e-mail address or a telephone number stands in the text."""
    return bool(("@" in text and ADDRESS.search(text)) or TELEPHONE.search(text))


def _cut_out(text: str) -> str:
    """The text without its addresses and numbers, nor the words that announce each."""
    for pattern in [ADDRESS, TELEPHONE]:
        for found in reversed(list(islice(pattern.finditer(text), 50))):
            before = text[: found.start()]
            before = before[: -len(word.group())] if (word := _word_before(before)) else before
            text = before + text[found.end() :].removeprefix(")")
    return "" if has_personal_data(text) else text


def _word_before(text: str) -> "re.Match[str] | None":
    return BEFORE_IT.search(text, max(0, len(text) - 30))
