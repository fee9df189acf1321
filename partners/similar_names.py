"""Whether two names of organisations are similar: what each means, and a score with the reason.

The module knows names and no records. `data/words_of_names.toml` has the words.
"""

import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _

from psf.text.folding import fold

_VOCABULARY = tomllib.loads(
    (Path(__file__).parent / "data" / "words_of_names.toml").read_text(encoding="utf-8")
)
_WORDS = {name: words.split() for name, words in _VOCABULARY["words"].items()}


def _meanings(table: Mapping[str, str]) -> dict[str, str]:
    """Map each word to its meaning, and each meaning to itself."""
    return {word: meaning for meaning, words in table.items() for word in [meaning, *words.split()]}


MEANING = _meanings(_VOCABULARY["meaning"])
PLACES = _meanings(_VOCABULARY["places"])
TWO_MEANINGS = {word: meanings.split() for word, meanings in _VOCABULARY["two_meanings"].items()}
HEADS = _WORDS["heads"]
GREAT_HEADS = set(_WORDS["great_heads"])
COUNTRY_WORDS = set(_WORDS["country_words"])
LITTLE_WORDS = set(_WORDS["little_words"])
COMMON = set(_WORDS["common"])
GENERIC = set(_WORDS["generic"])
GIVEN_NAMES = set(_WORDS["given_names"])
QUALIFIERS = set(_WORDS["qualifiers"])
LEGAL_FORMS = set(_WORDS["legal_forms"])
LEGAL_PHRASES: list[str] = _VOCABULARY["legal_phrases"]

LONGEST = 500  # characters: the rest of a longer name is ignored
MOST_BODIES = 12
KEY = 4  # letters
SHORTEST_HEAD = 7  # letters: shorter words are too similar to each other
HEAD_SIMILARITY = 88  # per cent
LONGEST_ACRONYM = 8
OF_A_STATE = {"ministry", "police", "agency"}  # the country is not distinctive among other words
CERTAIN = 1.0
SIMILAR = 0.8  # two names with this score or more may mean one organisation
SHORTEST_STEM, SHORTEST_TYPO = 4, 6  # letters: in shorter words one letter makes another word
TYPO = 0.9  # similarity between two spellings of a word
TYPO_IN_NAME = 92  # of two whole names; different bodies of a country reach 91
ENDING = 3  # letters: the longest difference between grammatical cases of a word
_BETWEEN_TEXTS = re.compile(r"[,;/|()\[\]\n«»“”„\"]|\s[-–—]\s|\s{2,}|\N{NO-BREAK SPACE}")
_QUOTED = re.compile(r"[«“„\"]([^«»“”„\"]+)[»”“\"]")
_ACRONYM = re.compile(r"\b[A-ZÅÄÖÆØÕÜŠŽ]{3,8}\b")
_DOTS = re.compile(r"(ae|oe|ue)")
_PHRASES = re.compile(rf"\b({'|'.join(LEGAL_PHRASES)})\b")
_HEADS = frozenset(HEADS)
HEAD_WORDS = [
    word for word, meaning in MEANING.items() if meaning in _HEADS and len(word) >= SHORTEST_HEAD
]
GENERIC_WORDS = frozenset({*MEANING.values(), *COMMON, *GENERIC} - {"baltic"})


class Body(NamedTuple):
    """A body in a name: the kind ("" if no word says so) and the distinctive words."""

    head: str
    words: frozenset[str]


class Profile(NamedTuple):
    bare: str  # the folded name without legal form
    bodies: tuple[Body, ...]
    acronyms: frozenset[str]
    initials: str
    texts: frozenset[str]  # the folded texts in the name with two words or more


@lru_cache(maxsize=4096)
def profile_of(name: str) -> Profile:
    name = name[:LONGEST]
    return Profile(
        bare=bare(name),
        bodies=_bodies_in(name),
        acronyms=_acronyms_in(name),
        initials=_initials_of(name),
        texts=frozenset(text for text in map(bare, _texts_in(name)) if " " in text),
    )


def _initials_of(name: str) -> str:
    """The likely abbreviation of the name; "" if too short or too long."""
    initials = "".join(word[0] for word in bare(name).split() if word not in LITTLE_WORDS)
    return initials if 2 < len(initials) <= LONGEST_ACRONYM else ""


@lru_cache(maxsize=4096)
def bare(name: str) -> str:
    """The folded name without legal form; a name of legal forms only stays unchanged."""
    folded = fold(name)
    words = _PHRASES.sub(" ", folded).split()
    return " ".join(word for word in words if word not in LEGAL_FORMS) or folded


def meanings_in(text: str) -> list[str]:
    """The words of a text, one spelling for all languages, without legal form and little words."""
    words = (_DOTS.sub(lambda match: match[0][0], word) for word in bare(text).split())
    return [
        meaning
        for word in words
        if word not in LITTLE_WORDS
        for meaning in TWO_MEANINGS.get(word)
        or [MEANING.get(word) or PLACES.get(word) or _misspelt_head(word) or word]
    ]


@lru_cache(maxsize=4096)
def _misspelt_head(word: str) -> str:
    """The kind of body of a misspelt word: "municipality" for "munincipality"; "" for none."""
    if len(word) < SHORTEST_HEAD or not word.isalpha():
        return ""
    from rapidfuzz import fuzz, process  # imported late: each worker would hold four megabytes

    match = process.extractOne(word, HEAD_WORDS, scorer=fuzz.ratio, score_cutoff=HEAD_SIMILARITY)
    return MEANING[match[0]] if match else ""


def is_generic(name: str) -> bool:
    """Whether several organisations of a country may have the name, such as a school without place.

    Every word of a generic name has a common meaning. No word names a place or the body itself.
    """
    words = {word for text in _texts_in(name) for word in meanings_in(text)}
    return bool(words & _HEADS) and words <= GENERIC_WORDS


def _bodies_in(name: str) -> tuple[Body, ...]:
    texts = [half for text in _texts_in(name) for half in _halves_of(text)][:MOST_BODIES]
    bodies = _with_words_of_next([body for text in texts if (body := _body_in(text))])
    for heads in [GREAT_HEADS, _HEADS]:
        if with_head := [body for body in bodies if body.head in heads]:
            return tuple(with_head)
    quoted = [body for text in _QUOTED.findall(name) if (body := _body_in(text))]
    # A single word after another body is a place.
    no_places = [body for place, body in enumerate(bodies) if place == 0 or len(body.words) > 1]
    distinctive = [body for body in no_places if not body.words <= COMMON]
    return tuple(quoted + distinctive) or tuple(bodies)


def _texts_in(name: str) -> list[str]:
    return [text for text in _BETWEEN_TEXTS.split(name) if text.strip()]


def _halves_of(text: str) -> list[str]:
    """The text, cut at "and" if there is a body on both sides."""
    before, _and, after = text.partition(" and ")
    if after and all(not _HEADS.isdisjoint(meanings_in(half)) for half in [before, after]):
        return [before, after]
    return [text]


def _with_words_of_next(bodies: list[Body]) -> list[Body]:
    """Give a body without distinctive words, "University Hospital", the words of the next body."""
    result = []
    for body, following in zip_longest(bodies, bodies[1:]):
        if body.words:
            result.append(body)
        elif following and following.words:
            result.append(body._replace(words=following.words))
    return result


def _body_in(text: str) -> Body | None:
    words = meanings_in(text)
    if not words or set(words) <= COUNTRY_WORDS:
        return None
    head = next((head for head in HEADS if head in words), "")
    if not head and any(char.isdigit() for word in words for char in word):
        return None  # a street, a post code
    empty = {head, *COMMON, *GIVEN_NAMES}
    distinctive = {
        word for word in words if word not in empty and not (word.isdigit() and len(word) > 2)
    }
    if head in OF_A_STATE and distinctive - COUNTRY_WORDS:
        distinctive -= COUNTRY_WORDS
    if head == "hospital":
        distinctive.discard("university")
    if not distinctive and not head:
        distinctive = set(words)
    return Body(head, frozenset(distinctive))


def _acronyms_in(name: str) -> frozenset[str]:
    if name.isupper():
        return frozenset({fold(name)} if len(name.split()) == 1 else ())
    return frozenset(fold(acronym) for acronym in _ACRONYM.findall(name)) - LEGAL_FORMS


def keys_of_name(profile: Profile) -> set[str]:
    """Keys of a name: two similar names share at least one key.

    Keys are beginnings of words, because endings differ with grammatical case and spelling.
    """
    words = {word[:KEY] for body in profile.bodies for word in body.words}
    first = {text.split()[0][:KEY] for text in [profile.bare, *profile.texts] if text}
    return words | first | profile.acronyms | ({profile.initials} - {""})


# Two names


class Reason(models.TextChoices):
    """Why two records may be the same organisation."""

    SAME_NAME = "same_name", _("the same name, apart from the legal form")
    SAME_WORDS = "same_words", _("the same words, in another order or language")
    SPELLING = "spelling", _("the same words, spelt differently")
    PART = "part", _("one name is a part of the other")
    ACRONYM = "acronym", _("the same abbreviation")
    WEBSITE = "website", _("the same website")
    REGISTRY = "registry", _("the same registry number")


class Similarity(NamedTuple):
    score: float
    reason: Reason


NONE = Similarity(0.0, Reason.SPELLING)


def compare_profiles(first: Profile, second: Profile) -> Similarity:
    """The highest score of all ways to compare two names, with the reason."""
    if not first.bare or not second.bare:
        return NONE
    if first.bare == second.bare:
        return Similarity(1.0, Reason.SAME_NAME)
    similarities = [_compare_acronyms(first, second)]
    if first.texts & second.texts and (first.bare in second.texts or second.bare in first.texts):
        similarities.append(Similarity(0.85, Reason.PART))
    if _is_misspelt(first.bare.split(), second.bare.split()):
        similarities.append(Similarity(0.85, Reason.SPELLING))
    similarities += [_compare_bodies(a, b) for a in first.bodies for b in second.bodies]
    return max(similarities)


def _is_misspelt(first: list[str], second: list[str]) -> bool:
    """Whether two whole names differ in a few letters of one word, but not in its first letter.

    “Northwest” and “Southwest”, or two numbers, are no mistakes in spelling.
    """
    if len(first) != len(second):
        return False
    different = [pair for pair in zip(first, second, strict=True) if pair[0] != pair[1]]
    if len(different) != 1 or different[0][0][0] != different[0][1][0]:
        return False
    from rapidfuzz import fuzz

    return fuzz.ratio(" ".join(first), " ".join(second)) >= TYPO_IN_NAME


def _compare_acronyms(first: Profile, second: Profile) -> Similarity:
    heads = [{body.head for body in profile.bodies} - {""} for profile in (first, second)]
    if all(heads) and not heads[0] & heads[1]:
        return NONE  # a university and its hospital share an abbreviation
    shared = first.acronyms & second.acronyms
    is_initials = first.initials in second.acronyms or second.initials in first.acronyms
    return Similarity(0.85, Reason.ACRONYM) if shared or is_initials else NONE


def _compare_bodies(first: Body, second: Body) -> Similarity:
    if first.head != second.head:
        is_similar = first.words == second.words and not (first.head and second.head)
        return Similarity(0.82, Reason.PART) if is_similar else NONE
    if first.words == second.words:
        return Similarity(0.95, Reason.SAME_WORDS)
    short, long = sorted([first, second], key=lambda body: len(body.words))
    unmatched = list(long.words)
    for word in short.words:
        same = [other for other in unmatched if _is_same_word(word, other)]
        if not same:
            return NONE
        unmatched.remove(word if word in same else same[0])
    if not unmatched:
        return Similarity(0.9, Reason.SPELLING)
    if QUALIFIERS & set(unmatched):
        return NONE
    if short.head in ["university", "hospital"]:
        return Similarity(0.82, Reason.PART)
    share = len(short.words) / (len(short.words) + len(unmatched))
    return Similarity(0.9 * share, Reason.PART)


def _is_same_word(first: str, second: str) -> bool:
    """Whether both are one word, perhaps in another case or misspelt."""
    from rapidfuzz.distance import JaroWinkler  # imported late: it holds four megabytes

    if first == second:
        return True
    short, long = sorted([first, second], key=len)
    if len(short) >= SHORTEST_STEM and long.startswith(short):
        return len(long) - len(short) <= ENDING
    return len(short) >= SHORTEST_TYPO and JaroWinkler.similarity(first, second) >= TYPO
