"""Leaves out contact data of persons: addresses, telephone numbers, and the names beside them."""

import re
from collections.abc import Callable

from psf.text.folding import fold

LEFT_OUT = "[personal data left out]"  # in the place of the words

# Bounded repetition only, so that a hostile line cannot cause backtracking.
ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
TELEPHONE = re.compile(
    r"(?:\b(?:tel|telephone|phone|mobile|mob|fax)\b[.:]{0,2}\s{0,3}\+?"
    r"|\+|(?<!\d)(?<!\d[ \u00a0\u202f])00(?=[1-9]))"
    r"\d(?:[ \u00a0()./-]{0,3}\d){6,14}",
    re.IGNORECASE,
)
_LABEL = (
    r"\W{0,20}(?:(?:press |media )?contacts?(?: persons?| details| information)?"
    r"|project (?:manager|officer)s?|e-?mail|tel|telephone|phone|mobile|fax)"
)
CONTACT = re.compile(rf"{_LABEL}(?:\s{{0,3}}[.:]|\s{{1,3}}[–-]\s|\W{{0,9}}\Z)", re.IGNORECASE)
CONTACT_INSIDE = re.compile(r"[\s,;(–-]contact(?: persons?)?\s?:", re.IGNORECASE)
_NAME = r"[A-ZÀ-ŽА-Я][\w’'-]{1,30}"
_PART = rf"(?:{_NAME}|[A-ZÀ-Ž]\.|v[ao]n|de[rnl]?|af)"
_PERSON = rf"(?:(?:Mr|Mrs|Ms|Mx|Dr|Prof)\b\.? )?(?:{_NAME}|[A-ZÀ-Ž]\.)(?: {_PART}){{1,3}}"
PERSON = re.compile(rf"\W{{0,9}}{_PERSON}(?:, [a-z][a-z ]{{2,40}})?\W{{0,3}}")
NAMES = re.compile(rf"(?=\b({_NAME}) ({_NAME}))")
PERSON_TO_ASK = re.compile(
    rf"\b(?:[Cc]ontact|[Rr]each|[Aa]sk|[Ww]rite to) {_PERSON}"
    r"|\b(?:[Cc]ontact|[Ii]nformation|[Qq]uestions?|[Ee]nquir\w{1,4})\b.{0,300}"
    rf"\b(?:Mr|Mrs|Ms|Mx)\b\.? {_NAME}"
)
SEPARATOR = re.compile(r"([,;:(<]|[.!?]\s|\s[–—-]\s)")
SENTENCE_END = re.compile(
    r"(?<=[.!?])(?<!\bMr\.)(?<!\bMs\.)(?<!\bDr\.)(?<!\bMrs\.)\s{1,20}(?=[^\W\d_]|[“\"(])"
)
CONTACTS = [ADDRESS, TELEPHONE]
ASKED = [CONTACT_INSIDE, PERSON_TO_ASK]


def has_personal_data(text: str) -> bool:
    """Whether the text has an e-mail address, a telephone number or a person to contact."""
    return any(pattern.search(text) for pattern in [*CONTACTS, *ASKED])


def without_contact_data(text: str, instead: str = "") -> str:
    """The text without the sentences that have contact data, or name the person of an address."""
    if not has_personal_data(text):
        return text
    sentences = SENTENCE_END.split(text)
    owners = {word for match in ADDRESS.finditer(text) for word in _words_before_at(match[0])}
    parts = []
    for part in sentences:
        is_contact = has_personal_data(part) or CONTACT.match(part)
        if not (is_contact or _names_owner(part, owners)):
            parts.append(part)
        elif instead not in parts:
            parts.append(instead)
    return " ".join(filter(None, parts))


def _words_before_at(address: str) -> list[str]:
    return [word for word in fold(address.split("@")[0]).split() if len(word) > 2]


def _names_owner(sentence: str, owners: set[str]) -> bool:
    return any(owners & set(map(fold, match.groups())) for match in NAMES.finditer(sentence))


def without_personal_data(lines: list[str], is_labelled: Callable[[str], bool]) -> list[str]:
    """The lines with `LEFT_OUT` in the place of contact data.

    A labelled line, such as a row of a partner list, keeps the words before them. The name of a
    person on a line of its own is left out above contact data, directly below them, and below a
    label such as "Contact person:".
    """
    cleaned = [_clean(line, is_labelled) for line in lines]
    is_asked = False  # whether the nearest line above with text is such a label
    for number, line in enumerate(cleaned):
        is_below = is_asked or cleaned[number - 1 : number] == [LEFT_OUT]
        if is_below and PERSON.fullmatch(line):
            cleaned[number] = LEFT_OUT
        if line.strip():
            is_asked = CONTACT.fullmatch(lines[number].strip()) is not None
    above = ""
    for number, line in reversed(list(enumerate(cleaned))):
        if above == LEFT_OUT and PERSON.fullmatch(line):
            cleaned[number] = LEFT_OUT
        above = cleaned[number] if line.strip() else above
    return cleaned


def _clean(line: str, is_labelled: Callable[[str], bool]) -> str:
    words = line.lstrip()
    if CONTACT.match(words):
        return LEFT_OUT
    if not has_personal_data(words):
        return line
    if is_labelled(words):
        return f"{_before_contact(words)} {LEFT_OUT}".strip()
    cleaned = without_contact_data(words, LEFT_OUT)
    if not cleaned.replace(LEFT_OUT, "").strip():
        return LEFT_OUT
    return line.removesuffix(words) + cleaned


def _before_contact(text: str) -> str:
    """The words of a row before contact data, without the last name of a person among them."""
    contacts = [match.start() for pattern in CONTACTS if (match := pattern.search(text))]
    persons = [match.start() for pattern in ASKED if (match := pattern.search(text))]
    parts = SEPARATOR.split(text[: min(contacts or persons)])
    is_person = not contacts  # the names follow
    while len(parts) > 1:
        words = parts[-1].strip()
        if words and not CONTACT.fullmatch(words):
            if is_person or not PERSON.fullmatch(words):
                break
            is_person = True
        del parts[-2:]
    before = "".join(parts).strip()
    return _before_contact(before) if has_personal_data(before) else before
