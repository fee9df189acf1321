"""Removes contact data of persons from texts."""

import re
from itertools import islice

from projects.announcements.organisation_names import COMMON_WORDS, words_of_name
from projects.announcements.word_lists import WORDS
from psf.text.folding import fold

# Bounded repetition only, so that a hostile line cannot cause backtracking.
ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
TELEPHONE = re.compile(
    r"(?:\b(?:tel|telephone|phone|mobile|mob|fax)\b[.:]{0,2}\s{0,3}\+?"
    r"|\+|(?<!\d)(?<!\d[ \u00a0\u202f])00(?=[1-9]))"
    r"\d(?:[ \u00a0()./-]{0,3}\d){6,14}",
    re.IGNORECASE,
)
BEFORE_IT = re.compile(
    r"[\s,;(<]{0,5}(?:\b(?:e-?mail|mail|tel|telephone|phone|contact)\b\.?:?\s{0,3})?\Z",
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
_PART = rf"(?:{_NAME}|[A-ZÀ-Ž]\.|v[ao]n|de[rnl]?|af)"
_PERSON = (
    r"(?:(?:Mr|Mrs|Ms|Mx|Dr|Prof)\b\.? )?"
    rf"(?P<person>(?:{_NAME}|[A-ZÀ-Ž]\.)(?: {_PART}){{1,3}})(?:, [a-z][a-z ]{{2,40}})?\Z"
)
# A person's name directly before an address or number, after a comma, bracket or dash.
PERSON_BEFORE = re.compile(rf"(?:[,;(]|\s[–—-])\s{{0,3}}{_PERSON}")
PERSON_AFTER_LABEL = re.compile(rf":\s{{0,3}}{_PERSON}")
PERSON_ALONE = re.compile(rf"\W{{0,9}}{_PERSON}")
OF_AN_OFFICE = re.compile(
    r"(?:info|office|contact|kontakt|mail|post|press|hello|secretariat)\b", re.I
)
ORGANISATION_WORDS = COMMON_WORDS | set(WORDS["organisations"].split())
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


def without_personal_data(text: str, before: str = "", after: str = "") -> str | None:
    """Return the line without contact data; None if there are none.

    `before` and `after` are the nearest lines with text. A short line below "Contact person:" and
    the name of a person above an address are removed.
    """
    is_below = CONTACT_ALONE.match(before) and len(text) <= LONGEST_PERSON and ":" not in text
    if (
        CONTACT.match(text)
        or CONTACT_ALONE.match(text)
        or is_below
        or _is_person_above(text, after)
    ):
        return ""
    return without_contact_data(text)


def without_contact_data(text: str) -> str | None:
    """Return the text without addresses, telephone numbers and persons; None if there are none.

    A labelled line loses the address or number, running text the whole sentence.
    """
    if not has_personal_data(text):
        return None
    if LABELLED.match(text) and len(text) <= LONGEST_LABELLED:
        return _cut_out(text)
    sentences = SENTENCE_END.split(text)
    return " ".join(sentence for sentence in sentences if not has_personal_data(sentence))


def _is_person_above(text: str, after: str) -> bool:
    """Whether the line is a name and the next line is nothing but an address or a number."""
    contact = ADDRESS.search(after) or TELEPHONE.search(after)
    person = PERSON_ALONE.fullmatch(text) if contact and len(text) <= LONGEST_PERSON else None
    if not contact or not person or _is_organisation(person["person"]):
        return False
    is_alone = CONTACT.match(after) or not re.search(
        r"\w", TELEPHONE.sub("", ADDRESS.sub("", after))
    )
    return bool(is_alone) and not OF_AN_OFFICE.match(contact[0])


def _cut_out(text: str) -> str:
    """Return the text without addresses and numbers, and the label and person before each."""
    inside = CONTACT_INSIDE.search(text)
    text = text[: inside.start()] if inside else text
    for pattern in [ADDRESS, TELEPHONE]:
        for match in reversed(list(islice(pattern.finditer(text), 50))):
            before = _without_person(_without_word(text[: match.start()]), match[0])
            after = text[match.end() :].removeprefix(">")
            is_open = before.count("(") > before.count(")")
            text = before + (after if is_open else after.removeprefix(")"))
    return "" if has_personal_data(text) else text


def _without_word(before: str) -> str:
    word = BEFORE_IT.search(before, max(0, len(before) - 30))
    return before[: word.start()] if word else before


def _without_person(before: str, contact: str) -> str:
    """Remove the name of a person at the end. A name after a label is kept, as an organisation,
    unless the address contains the name. A lead partner's organisation is kept too.
    """
    start = max(0, len(before) - 150)
    labelled = PERSON_AFTER_LABEL.search(before, start)
    person = PERSON_BEFORE.search(before, start) or labelled
    if not person or _is_organisation(person["person"]):
        return before
    is_lead = person[0].startswith("(") and LEADS.match(before)
    if (is_lead or person is labelled) and not _has_name(contact, person["person"]):
        return before
    return before[: person.start() + (person is labelled)].rstrip()


def _is_organisation(name: str) -> bool:
    return any(len(word) > 2 and word in ORGANISATION_WORDS for word in words_of_name(name))


def _has_name(address: str, person: str) -> bool:
    """Whether anna.berg@example.org is an address of Anna Berg."""
    local = fold(address.split("@")[0])
    return any(len(word) > 2 and word in local for word in words_of_name(person))
