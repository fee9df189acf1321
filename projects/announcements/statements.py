"""Cuts the text of an announcement into lines, and joins wrapped lines into labelled statements."""

import html
import re
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from math import inf

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from partners.matching.country_names import LONGEST_NAME, CountryNames
from projects.announcements.contact_removal import LEFT_OUT, without_personal_data
from projects.models import AnnouncementLine, LineKind
from psf.text.folding import fold

MAX_CHARACTERS = 100_000
MAX_LINE = 20_000  # characters

LINE_END = re.compile(r"\r\n|[\0\r\n\x0b\x0c\x85\u2028\u2029]")
TAG = re.compile(r"(?:</?([a-z]{1,10}[1-6]?)(?:\s[^<>]{0,500})?/?>)", re.IGNORECASE)
WITHIN_WORDS = {"span", "a", "b", "i", "u", "em", "strong"}
ENTITY = re.compile(r"&(?:[a-zA-Z]{2,8}|#\d{1,6}|#x[0-9a-fA-F]{1,5});")
BOLD = re.compile(r"(\*\*|__)(?=\S)([^*]{1,1000}?)(?<=\S)\1")
# The marks of a quoted mail, of a heading and of a list.
START = re.compile(r"\A(?:\s{0,20}>\s?|\s{0,3}(?:#{1,6}|[•●▪◦*·-])\s{1,9}(?=\S)){1,9}")


def read_lines(text: str) -> list[AnnouncementLine]:
    """The lines of a text, counted from 1, without markup and personal data.

    Raises ValidationError for a text that is too large.
    """
    parts = LINE_END.split(text.removeprefix("\ufeff"))
    if len(text) > MAX_CHARACTERS or any(len(part) > MAX_LINE for part in parts):
        sentence = _("At most %(most)s characters are read, and %(line)s in one line.")
        words = {"most": f"{MAX_CHARACTERS:,}", "line": f"{MAX_LINE:,}"}
        raise ValidationError(sentence % words)
    cleaned = without_personal_data([line for part in parts for line in _without_markup(part)])
    lines = [AnnouncementLine(number=n, text=words) for n, words in enumerate(cleaned, start=1)]
    for line in lines:
        kind = LineKind.NOT_UNDERSTOOD if any(map(str.isalnum, line.text)) else LineKind.BLANK
        line.kind = LineKind.LEFT_OUT if line.text == LEFT_OUT else kind
    return lines


def _without_markup(line: str) -> list[str]:
    """Turn "<li>**Latvia:** Harbour &amp; Port</li>" into "Latvia: Harbour & Port".

    A tag between two words, such as "A<br>B", begins another line. Marks of quotes are removed.
    """
    line = TAG.sub(lambda tag: "" if tag[1].lower() in WITHIN_WORDS else "\n", line).strip("\n")
    line = ENTITY.sub(lambda entity: LINE_END.sub(" ", html.unescape(entity[0])), line)
    return [BOLD.sub(r"\2", START.sub("", part)) for part in line.split("\n")]


# Countries and the names beside them

Entry = tuple[str | None, str | None]  # country and organisation; None: not stated

SEPARATOR = re.compile(r"\s{0,9}:\s{0,9}|\s{0,9}[–—]\s{0,9}|\s{1,9}-\s{0,9}|-\s{1,9}|\t{1,9}")
COUNTRY_LAST = re.compile(r"(\S.{0,500}?)\s{0,9}\(([^()]{2,60})\)[\s.,;]{0,9}")
BETWEEN = re.compile(r"[,;/&]|\band\b|\bas well as\b", re.IGNORECASE)
WITH = re.compile(r"[\s,]{1,9}in\s{1,9}partnership\s{1,9}with[:\s]{1,9}", re.IGNORECASE)


def read_countries(text: str, countries: CountryNames) -> tuple[list[str], list[str]]:
    """Codes and unknown words of "Latvia, Sweden, and Russia." in any punctuation."""
    parts = [part.strip(" .\u00a0\t") for part in BETWEEN.split(text)]
    codes = {part: countries.code_of(part) for part in parts if part}
    unknown = [part for part, code in codes.items() if not code]
    return list(dict.fromkeys(filter(None, codes.values()))), unknown


def read_partner(text: str, countries: CountryNames) -> Entry | None:
    """Read "Latvia: Association", "Lithuania –  Museum," or "Poland"; None for other lines.

    Rows often end in a stray comma, which is not part of the name.
    """
    start = text[:LONGEST_NAME]
    for match in islice(SEPARATOR.finditer(start), 6):
        if code := countries.code_of(start[: match.start()]):
            return code, text[match.end() :].strip().rstrip(" ,;") or None
    code = countries.code_of(text)
    return (code, None) if code else None


def read_headline(text: str, countries: CountryNames) -> tuple[Entry, tuple[list[str], list[str]]]:
    """Read "Latvia (Municipal Police) in partnership with Finland and Lithuania".

    A name may contain "in partnership with": the last occurrence counts.
    """
    *_before, match = [None, *WITH.finditer(text)]
    if match:
        announced = read_countries(text[match.end() :], countries)
        is_open = not text.rstrip(". \u00a0").endswith(")")  # otherwise a name may end there
        if announced[0] and (is_open or not announced[1]):
            return _read_lead(text[: match.start()], countries), announced
    return _read_lead(text, countries), ([], [])


def _read_lead(text: str, countries: CountryNames) -> Entry:
    """Read "Norway (Centre (NC) Oslo)", "Centre (Norway)" or "Norway". Outer brackets go."""
    text = text.strip().removesuffix(".")
    for start in reversed([n for n, char in enumerate(text[:LONGEST_NAME]) if char == "("]):
        if code := countries.code_of(text[:start]):
            return code, text[start + 1 :].removesuffix(")").strip() or None
    if entry := read_partner(text, countries):
        return entry
    last = COUNTRY_LAST.fullmatch(text)
    code = countries.code_of(last[2]) if last else None
    return (code, last[1]) if last and code else (None, text or None)


# Statements


# The labels of statements with their spellings, folded.
SPELLINGS = {
    LineKind.PROJECT_TITLE: "project title, title of the project, title",
    LineKind.PRIORITY: "priority, priorities, long term priority, long term priorities",
    LineKind.LEAD: "lead partner, project leader, project lead partner, lead applicant, leader",
    LineKind.COUNTRIES: "participating countries, partner countries, countries",
    LineKind.HEADING: "project partners, project partner, partners, list of partners",
}
LABELS = {name: kind for kind, names in SPELLINGS.items() for name in names.split(", ")}
HEADER = {*SPELLINGS} - {LineKind.HEADING}  # labels with a value
LABELLED = re.compile(r"\s{0,20}(.{2,40}?)\s{0,9}(?:[:;]|\Z)")
YEAR = r"(?:19|20)\d\d"
PERIOD = rf"{YEAR}\s{{0,3}}[-–—/]\s{{0,3}}(?:{YEAR}|\d\d)"
FACILITY = r"(?:PSF|Project Support Facility)(?: \(PSF\))?"
CALL_HEADING = re.compile(
    rf"(?:the )?(?:CBSS )?{FACILITY}(?:,?[ –—:-]{{1,3}}(?:call|funded|projects)){{0,3}}"
    rf",?[ –—:-]{{1,3}}(?:{PERIOD}|{YEAR})(?: call| projects)?(?:\s?[:–—-]\s?\S.{{0,100}})?"
    rf"|(?:{PERIOD}|{YEAR}) (?:CBSS )?{FACILITY}(?: call| projects)?",
    re.IGNORECASE,
)
YEARS_OF_A_TITLE = re.compile(rf"\(?{PERIOD}\)?(?!\d)[\s:.,–—-]{{1,9}}(?=\S)")
SENTENCE = re.compile(r"[.!?…][”\"’')]{0,2}\s{0,9}\Z")
LONGEST_TITLE = 200
WRAPPED = range(50, 121)  # characters of the longest line of a text with wrapped lines
NEARLY_FULL = 20  # characters below the longest line: some lines are, if lines are wrapped
GOES_ON = re.compile(r"(?:,|&|\band|\bwith|\bin|\bpartnership)\Z", re.IGNORECASE)
CONTINUES = re.compile(r"(?:(?:in )?(?:partnership )?with|and)\b|&", re.IGNORECASE)
NAMES_COUNTRIES = re.compile(r"\bin\s+partnership\s+with\s", re.IGNORECASE)


@dataclass
class Statement:
    """Lines that belong together, their kind by their own words, and `value`, without the label."""

    lines: list[AnnouncementLine]
    text: str
    kind: LineKind
    value: str
    is_read: bool = False  # as a fact or a heading of the draft

    def goes_on_in(self, line: "Statement", width: float) -> bool:
        """Whether a line that is no label, heading or row of a list continues the statement.

        `width`: of the wrapped lines. A line is wrapped where its next word did not fit.
        """
        is_row = line.kind == LineKind.PARTNER and self.kind in [LineKind.HEADING, LineKind.PARTNER]
        if is_row or line.kind not in [LineKind.PARTNER, LineKind.TITLE, LineKind.PARAGRAPH]:
            return False
        if self.kind in HEADER and not self.value:
            return True
        is_next = line.lines[0].number == self.lines[-1].number + 1
        if self.kind in [LineKind.HEADING, LineKind.CALL] or not is_next:
            return False
        if self.kind in HEADER - {LineKind.PROJECT_TITLE}:
            if GOES_ON.search(self.text[-20:]) or CONTINUES.match(line.text):
                return True
            if self.kind == LineKind.COUNTRIES or NAMES_COUNTRIES.search(self.text):
                return False
        length = len(self.lines[-1].text) + 1 + len(line.text.split()[0])
        is_prose = len(line.text) > width - NEARLY_FULL or SENTENCE.search(line.text)
        return length > width and not (is_prose and self.kind == LineKind.PARTNER)


def _kind_of(text: str, countries: CountryNames) -> tuple[LineKind, str]:
    """The kind and the value. One or two wrong letters of a long label are allowed."""
    if match := LABELLED.match(text[:LONGEST_TITLE]):
        for near in get_close_matches(fold(match[1]), LABELS, n=1, cutoff=0.88):
            return LABELS[near], text[match.end() :].strip()
    is_open = text.endswith((",", ";", ":")) or SENTENCE.search(text)
    is_short = 1 < len(text) <= LONGEST_TITLE and not NAMES_COUNTRIES.search(text)
    is_short &= not is_open or text.endswith("...")
    if is_short and CALL_HEADING.fullmatch(text):
        return LineKind.CALL, text
    if read_partner(text, countries):
        return LineKind.PARTNER, text
    if is_short and (years := YEARS_OF_A_TITLE.match(text)):
        return LineKind.PROJECT_TITLE, text[years.end() :]
    return LineKind.TITLE if is_short else LineKind.PARAGRAPH, text  # perhaps a title


def make_statements(lines: list[AnnouncementLine], countries: CountryNames) -> list[Statement]:
    """Join each line to the one above that it continues."""
    lengths = [len(line.text) for line in lines]
    nearly_full = [length for length in lengths if length > max(lengths) - NEARLY_FULL]
    width = max(lengths) if max(lengths) in WRAPPED and len(nearly_full) >= 3 else inf
    statements: list[Statement] = []
    before: Statement | None = None
    for line in lines:
        if line.kind == LineKind.NOT_UNDERSTOOD:
            text = line.text.strip()
            statement = Statement([line], text, *_kind_of(text, countries))
            if before and before.goes_on_in(statement, width):
                text = f"{statements.pop().text} {text}"
                statement = Statement([*before.lines, line], text, *_kind_of(text, countries))
            statements.append(statement)
            before = statement
        elif line.kind == LineKind.LEFT_OUT:
            before = None
    return statements
