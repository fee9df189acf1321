"""Removes contact data of persons from texts."""

import re
from itertools import islice

from projects.announcements.organisation_names import KIND_WORDS, words_of_name

# Bounded repetition only, so that a hostile line cannot cause backtracking.
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
_LABEL = (
    r"\W{0,20}(?:(?:press |media )?contacts?(?: persons?| details| information)?"
    r"|project (?:manager|officer)s?|e-?mail|tel|telephone|phone|mobile|fax)"
)
CONTACT = re.compile(rf"{_LABEL}\s{{0,3}}[.:–-]", re.IGNORECASE)
CONTACT_ALONE = re.compile(rf"{_LABEL}\W{{0,9}}\Z", re.IGNORECASE)
CONTACT_INSIDE = re.compile(r"[\s,;(–-]{1,5}contact(?: persons?)?\s?:.{0,2000}\Z", re.IGNORECASE)
_NAME = r"[A-ZÀ-ŽА-Я][\w’'-]{1,30}"
PERSON_TO_ASK = re.compile(
    rf"\b(?:[Cc]ontact|[Rr]each|[Aa]sk|[Ww]rite to) (?:M[rs]s?\.? |Dr\.? )?{_NAME} {_NAME}"
    r"|\b(?:[Cc]ontact|[Ii]nformation|[Qq]uestions?|[Ee]nquir\w{1,4})\b.{0,300}"
    rf"\b(?:Mr|Mrs|Ms|Mx)\b\.? {_NAME}"
)
# A person's name directly before an address or number: two to four words after a comma or bracket.
PERSON_BEFORE = re.compile(rf"[,(]\s{{0,3}}({_NAME}(?: {_NAME}){{1,3}})\Z")
LEADS = re.compile(r"\W{0,9}(?:\w{1,20} ){0,2}(?:lead|leader|coordinator)\b", re.IGNORECASE)
# A line such as a row of a partner list. The remaining text is kept.
LABELLED = re.compile(r"[^:–.!?@]{1,60}[:–]")
LONGEST_LABELLED = 600  # characters
LONGEST_PERSON = 80  # characters of a line below "Contact person:"
SENTENCE_END = re.compile(
    r"(?<=[.!?])(?<!\bMr\.)(?<!\bMs\.)(?<!\bDr\.)(?<!\bMrs\.)\s{1,20}(?=[^\W\d_]|[“\"(])"
)


def has_personal_data(text: str) -> bool:
    """Whether the text has an e-mail address, a telephone number or a person to contact."""
    return bool(
        ("@" in text and ADDRESS.search(text))
        or TELEPHONE.search(text)
        or ("ontact" in text.lower() and CONTACT_INSIDE.search(text))
        or PERSON_TO_ASK.search(text)
    )


def without_personal_data(text: str, before: str = "") -> str | None:
    """Return the line without contact data; None if there are none.

    A labelled line loses the address or number, running text the whole sentence. A short line
    below "Contact person:" (`before` is the previous line with text) is a name and is removed.
    """
    below = CONTACT_ALONE.match(before) and len(text) <= LONGEST_PERSON and ":" not in text
    if CONTACT.match(text) or CONTACT_ALONE.match(text) or below:
        return ""
    if not has_personal_data(text):
        return None
    if LABELLED.match(text) and len(text) <= LONGEST_LABELLED:
        return _cut_out(text)
    sentences = [
        sentence for sentence in SENTENCE_END.split(text) if not has_personal_data(sentence)
    ]
    return " ".join(sentences)


def _cut_out(text: str) -> str:
    """Return the text without addresses and numbers, and the label and person before each."""
    inside = CONTACT_INSIDE.search(text)
    text = text[: inside.start()] if inside else text
    for pattern in [ADDRESS, TELEPHONE]:
        for match in reversed(list(islice(pattern.finditer(text), 50))):
            before = _without_person(_without_word(text[: match.start()]))
            text = before + text[match.end() :].removeprefix(")")
    return "" if has_personal_data(text) else text


def _without_word(before: str) -> str:
    word = BEFORE_IT.search(before, max(0, len(before) - 30))
    return before[: word.start()] if word else before


def _without_person(before: str) -> str:
    """Remove the name of a person at the end. The first name after a lead label is kept."""
    person = PERSON_BEFORE.search(before, max(0, len(before) - 150))
    if not person or set(words_of_name(person[1])) & KIND_WORDS:
        return before
    is_lead = person[0].startswith("(") and LEADS.match(before)
    return before if is_lead else before[: person.start()].rstrip()
