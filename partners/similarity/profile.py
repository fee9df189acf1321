"""What a name says: its bodies, each by its kind and the words that tell it from others."""

import re
from functools import lru_cache
from itertools import zip_longest
from typing import NamedTuple

from partners.similarity.vocabulary import (
    COMMON,
    COUNTRY_WORDS,
    GIVEN_NAMES,
    GREAT_HEADS,
    HEADS,
    LEGAL_FORMS,
    LEGAL_PHRASES,
    LITTLE,
    MEANING,
    PLACES,
    TWO_MEANINGS,
    UNIT_HEADS,
)
from psf.text.folding import fold

LONGEST = 500  # characters of a name that are looked at
MOST_PARTS = 12
KEY = 4  # letters
LONGEST_ACRONYM = 8
OF_A_STATE = {"ministry", "police", "agency"}  # beside other words, the state says nothing
_BETWEEN_PARTS = re.compile(r"[,;/|()\[\]\n«»“”„\"]|\s[-–—]\s|\s{2,}|\N{NO-BREAK SPACE}")
_QUOTED = re.compile(r"[«“„\"]([^«»“”„\"]+)[»”“\"]")
_ACRONYM = re.compile(r"\b[A-ZÅÄÖÆØÕÜŠŽ]{3,8}\b")
_FOOTNOTE = re.compile(r"^\d(?=[^\W\d]{3})")
_DOTS = re.compile(r"(ae|oe|ue)")
_HOSPITAL_WORDS = re.compile(r"klini(k|ek)|sjukhus|sykehus|sygehus|hospital")
_PHRASES = re.compile(rf"\b({'|'.join(LEGAL_PHRASES)})\b")
_HEADS = frozenset(HEADS)
NOT_ACRONYMS = {"ngo", "usa", "box", "und", "the", "sia", "uab", "gmbh"}


class Part(NamedTuple):
    """One body that a name names: its kind ("" if no word says it) and its telling words."""

    head: str
    words: frozenset[str]
    is_unit: bool  # it stands in the name of a unit, with words of that unit among its own


class Profile(NamedTuple):
    """All that is compared of one name."""

    bare: str  # the folded name without legal form
    parts: tuple[Part, ...]
    acronyms: frozenset[str]
    initials: str
    texts: frozenset[str]  # the folded names in the name, of two words or more


@lru_cache(maxsize=4096)
def profile_of(name: str) -> Profile:
    name = name[:LONGEST]
    return Profile(
        bare=bare(name),
        parts=_parts_of(name),
        acronyms=_acronyms_in(name),
        initials=_initials_of(name),
        texts=frozenset(text for part in _texts_in(name) if " " in (text := _at_home(part))),
    )


def _initials_of(name: str) -> str:
    """What an abbreviation of the name would be; "" where it would say too little or much."""
    initials = "".join(word[0] for word in bare(name).split() if word not in LITTLE)
    return initials if 2 < len(initials) <= LONGEST_ACRONYM else ""


@lru_cache(maxsize=4096)
def bare(name: str) -> str:
    """The folded name without its legal form; the whole of it where nothing else is left."""
    folded = fold(name)
    words = _PHRASES.sub(" ", folded).split()
    kept = [word for word in words if word not in LEGAL_FORMS]
    return " ".join(kept) or folded


def _at_home(text: str) -> str:
    """The bare text without the country that a list of partners repeats before it."""
    words = bare(text).split()
    return " ".join(words[1:] if PLACES.get(words[0]) in COUNTRY_WORDS else words) if words else ""


def meaning_of(text: str) -> list[str]:
    """Its words, each by one spelling in whatever tongue; without legal form and little words."""
    words = (_DOTS.sub(lambda found: found[0][0], word) for word in bare(text).split())
    return [said for word in words if word not in LITTLE for said in _said_by(word)]


def _said_by(word: str) -> list[str]:
    word = _FOOTNOTE.sub("", word)
    if word in TWO_MEANINGS:
        return TWO_MEANINGS[word]
    if _HOSPITAL_WORDS.search(word) and len(word) > 9:
        return ["hospital"]
    return [MEANING.get(word) or PLACES.get(word) or word]


def _parts_of(name: str) -> tuple[Part, ...]:
    texts = [half for text in _texts_in(name) for half in _halves(text)][:MOST_PARTS]
    parts = _with_what_follows([part for text in texts if (part := _part_of(text))])
    for heads in [GREAT_HEADS, _HEADS]:
        if named := [part for part in parts if part.head in heads]:
            return tuple(named)
    quoted = [part for text in _QUOTED.findall(name) if (part := _part_of(text))]
    # A lone word after others is a place.
    telling = [part for place, part in enumerate(parts) if place == 0 or len(part.words) > 1]
    return tuple(quoted + [part for part in telling if not part.words <= COMMON]) or tuple(parts)


def _texts_in(name: str) -> list[str]:
    return [text for text in _BETWEEN_PARTS.split(name) if text.strip()]


def _halves(text: str) -> list[str]:
    """Two bodies with "and" between them."""
    before, _and, after = text.partition(" and ")
    if after and all(not _HEADS.isdisjoint(meaning_of(half)) for half in [before, after]):
        return [before, after]
    return [text]


def _with_what_follows(parts: list[Part]) -> list[Part]:
    """A part that says no more than "University Hospital" has the words of the one after it."""
    found = []
    for part, following in zip_longest(parts, parts[1:]):
        if part.words:
            found.append(part)
        elif following and following.words:
            found.append(part._replace(words=following.words))
    return found


def _part_of(text: str) -> Part | None:
    words = meaning_of(text)
    if not words or set(words) <= COUNTRY_WORDS:
        return None
    head = next((head for head in HEADS if head in words), "")
    if not head and any(char.isdigit() for word in words for char in word):
        return None  # a street, a post code
    is_unit = bool(UNIT_HEADS & set(words))
    if is_unit and not head:
        return None
    if is_unit:
        place = words.index(head)
        words = words[max(place - 2, 0) : place + 3]
    empty = {head, *COMMON, *GIVEN_NAMES, *UNIT_HEADS}
    telling = {word for word in words if word not in empty and not _is_a_long_number(word)}
    if head in OF_A_STATE and telling - COUNTRY_WORDS:
        telling -= COUNTRY_WORDS
    if head == "hospital":
        telling.discard("university")
    if not telling and not head:
        telling = set(words)
    return Part(head, frozenset(telling), is_unit)


def _is_a_long_number(word: str) -> bool:
    return word.isdigit() and len(word) > 2


def _acronyms_in(name: str) -> frozenset[str]:
    if name.isupper():
        return frozenset({fold(name)} if len(name.split()) == 1 else ())
    return frozenset(fold(found) for found in _ACRONYM.findall(name)) - NOT_ACRONYMS


def keys_of(profile: Profile) -> set[str]:
    """Of two names that are alike, at least one of these is the same.

    Beginnings of words, because their ends differ with the case and the spelling.
    """
    words = {word[:KEY] for part in profile.parts for word in part.words}
    first = {text.split()[0][:KEY] for text in [profile.bare, *profile.texts] if text}
    return words | first | profile.acronyms | ({profile.initials} - {""})


def exact_keys_of(profile: Profile) -> set[str]:
    """As `keys_of()`, but with the kind of body: fewer names share them that are not alike."""
    of_kind = {f"{part.head}:{word[:KEY]}" for part in profile.parts for word in part.words}
    whole = {" ".join(sorted(part.words)) for part in profile.parts}
    return (
        of_kind | whole | profile.texts | profile.acronyms | {profile.bare, profile.initials}
    ) - {""}
