"""Recognises labels such as "Lead partner:", with common spelling mistakes."""

import re
from difflib import SequenceMatcher
from enum import Enum
from typing import NamedTuple

from projects.announcements.numbers import UNITS
from projects.announcements.word_lists import WORDS
from psf.text.folding import fold

LONGEST = 60  # characters of a label
NUMBER = re.compile(r" \d{1,2}\Z")  # of "Partner 2"


class Label(Enum):
    CALL = "call"
    CALL_PRIORITY = "call priority"
    RECEIVED = "received"
    ELIGIBLE = "eligible"
    FUNDED = "funded"
    CEILING = "ceiling"
    DECIDED_BY = "decided by"
    DEADLINE = "deadline"
    TITLE = "title"
    PRIORITY = "priority"
    LEAD = "lead"
    COUNTRIES = "countries"
    PARTNERS = "partners"
    ABOUT = "about"
    GRANT = "grant"
    HEADLINE = "headline"
    DETAIL = "detail"
    NOTE = "note"


BY_SPELLING = {
    spelling: Label(label) for label, spellings in WORDS["labels"].items() for spelling in spellings
}
# Labels that may fill a line without a colon.
ALONE = {Label.PARTNERS, Label.ABOUT}
MARK = re.compile(r"\s{0,9}[:;]\s{0,9}|\s{0,9}[–—]\s{0,9}|\s{1,9}-\s{1,9}")
LEAD_WITHOUT_MARK = re.compile(r"\s{0,20}lead\s{1,9}partner\s{1,9}(?=\S)", re.IGNORECASE)
CALL_WORDS = {*WORDS["call"].split(), *UNITS}
YEAR = r"(?:19|20)\d\d"
YEARS = re.compile(rf"{YEAR}(?:\s{{0,3}}[-–—/]\s{{0,3}}(?:{YEAR}|\d\d))?")
THEMED_CALL = re.compile(
    rf"\s{{0,20}}(?:CBSS )?(?:PSF|Project Support Facility)(?: call| projects)?,? {YEARS.pattern}"
    r"\s{0,3}(?:[:–—]|\s-\s)\s{0,3}\S",
    re.IGNORECASE,
)
LEADING_YEARS = re.compile(rf"\s{{0,20}}\(?({YEARS.pattern})\)?(?!\d)[\s:.,–—-]{{1,9}}(?=\S)")
TRAILING_YEARS = re.compile(rf"[\s,:–—-]{{1,9}}\(?({YEARS.pattern})\)?\s{{0,9}}\Z")
CALLS_NAMED = re.compile(
    rf"\b(?:PSF|Project Support Facility)(?: \(PSF\))?(?: funding)?(?: call)? {YEAR}\b"
    rf"|\b{YEAR} (?:CBSS )?(?:PSF|Project Support Facility)\b(?: \(PSF\))?"
    r"(?: (?:funding )?call\b)?",
    re.IGNORECASE,
)
SENTENCES = re.compile(r"\w{5}[.!?]\s{1,3}[A-ZÀ-Ž]")
LONGEST_TITLE = 200


class Labelled(NamedTuple):
    """A label and the text after it on the line."""

    label: Label
    value: str


def read_label(text: str) -> Labelled | None:
    """ "Priority; Safe and Secure Region" is a priority; "Project Parnters" a heading."""
    mark = MARK.search(text[: LONGEST + 20])
    if mark:
        name, value = text[: mark.start()], text[mark.end() :].strip()
        label = recognise_label(name)
        # A dash has many uses: before a dash, only the exact spelling counts as a label.
        if label and (mark.group().strip() in [":", ";"] or fold(name) in BY_SPELLING):
            return Labelled(label, value)
    label = recognise_label(text)
    if label in ALONE:
        return Labelled(label, "")
    says_with_whom = "(" in text[:LONGEST_TITLE] or "in partnership with" in text
    if says_with_whom and (lead := LEAD_WITHOUT_MARK.match(text)):
        return Labelled(Label.LEAD, text[lead.end() :].strip())
    return None


def recognise_label(text: str) -> Label | None:
    """Return the label of these words. One or two wrong letters are allowed."""
    if len(text) > LONGEST:
        return None
    folded = NUMBER.sub("", fold(text))
    if folded in BY_SPELLING or len(folded) < 7:
        return BY_SPELLING.get(folded)
    for spelling, label in BY_SPELLING.items():
        near = abs(len(spelling) - len(folded)) <= 2 and len(spelling) >= 7
        if (
            near
            and spelling.count(" ") == folded.count(" ")
            and SequenceMatcher(None, spelling, folded).ratio() >= 0.88
        ):
            return label
    return None


def is_call_heading(text: str) -> bool:
    """Whether the line is like "PSF 2019", "PSF 2019: Safe and Secure Region" or "2016-2018".

    Also a year among words of headings: "Project Support Facility – funded projects 2016-2018".
    """
    if len(text) > LONGEST_TITLE or text.rstrip().endswith((".", ",", ";")):
        return False
    words = fold(text).split()
    other_words = {word for word in words if not word.isdecimal()}
    years = [word for word in words if re.fullmatch(YEAR, word)]
    names_the_call = not other_words or {"psf", "call", "facility", "projects"} & other_words
    numbers = [word for word in words if word.isdecimal()]
    if THEMED_CALL.match(text) and is_like_a_title(text):
        return True
    return bool(years and names_the_call and other_words <= CALL_WORDS and len(numbers) <= 2)


def calls_named_in(text: str) -> list[str]:
    """Return names of calls in running text: "2021 Project Support Facility funding call"."""
    return [match.group() for match in CALLS_NAMED.finditer(text[:5000])]


def is_unnamed_heading(text: str) -> bool:
    """Whether the words only announce projects, without naming a call: "Ongoing projects"."""
    return set(fold(text).split()) <= CALL_WORDS


def read_years(text: str) -> tuple[str, str] | None:
    """Return years and title of "2016-2018 At the Water’s Edge". None for any other line."""
    if not is_like_a_title(text):
        return None
    match = LEADING_YEARS.match(text)
    return (match.group(1), text[match.end() :].strip()) if match else None


def split_years(title: str) -> tuple[str | None, str]:
    """Return the years at either end of a title, and the title without years."""
    if leading := read_years(title):
        return leading
    match = TRAILING_YEARS.search(title, max(0, len(title) - 30))
    if match and title[: match.start()].strip():
        return match.group(1), title[: match.start()].strip()
    return None, title.strip()


def is_like_a_title(text: str) -> bool:
    """Whether the line is short and is not a sentence."""
    text = text.strip()
    is_open = text.endswith((".", ",", ";", ":")) and not text.endswith("...")
    is_short = 1 < len(text) <= LONGEST_TITLE and len(text.split()) <= 30
    return is_short and not is_open and not SENTENCES.search(text)
