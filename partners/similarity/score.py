"""How alike two names are, between 0 and 1, and why."""

from collections.abc import Collection
from itertools import takewhile
from typing import NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _

from partners.similarity.profile import Part, Profile
from partners.similarity.vocabulary import QUALIFIERS

CERTAIN = 1.0
ALIKE = 0.8  # from here on two names are pointed out as one body's
SHORTEST_TYPO = 5  # letters: in shorter words one other letter makes another word
TYPO = 86  # per cent of alikeness of two spellings of a word
ENDING = 3  # letters by which a word's cases differ


class Reason(models.TextChoices):
    """What speaks for two records being one organisation."""

    SAME_NAME = "same_name", _("the same name, but for the legal form")
    SAME_WORDS = "same_words", _("the same words, in another order or language")
    SPELLING = "spelling", _("the same words, spelt otherwise")
    PART = "part", _("one name is a part of the other")
    ACRONYM = "acronym", _("the same abbreviation")
    WEBSITE = "website", _("the same website")
    REGISTRY = "registry", _("the same registry number")


class Likeness(NamedTuple):
    score: float
    reason: Reason


NONE = Likeness(0.0, Reason.SPELLING)


def likeness(one: Profile, other: Profile) -> Likeness:
    """How alike two names are, with what speaks for it most."""
    if not one.bare or not other.bare:
        return NONE
    if one.bare == other.bare:
        return Likeness(1.0, Reason.SAME_NAME)
    found = [_of_acronyms(one, other)]
    if one.texts & other.texts and (one.bare in other.texts or other.bare in one.texts):
        found.append(Likeness(0.85, Reason.PART))
    found += [_of_parts(first, second) for first in one.parts for second in other.parts]
    return max(found)


def _of_acronyms(one: Profile, other: Profile) -> Likeness:
    heads = [{part.head for part in profile.parts} - {""} for profile in (one, other)]
    if all(heads) and not heads[0] & heads[1]:
        return NONE  # a university and its hospital share it
    shared = one.acronyms & other.acronyms
    stands_for = one.initials in other.acronyms or other.initials in one.acronyms
    return Likeness(0.85, Reason.ACRONYM) if shared or stands_for else NONE


def _of_parts(one: Part, other: Part) -> Likeness:
    if one.head != other.head:
        alike = one.words == other.words and not (one.head and other.head)
        return Likeness(0.82, Reason.PART) if alike else NONE
    if one.words == other.words:
        return Likeness(0.95, Reason.SAME_WORDS)
    short, long = sorted([one, other], key=lambda part: len(part.words))
    rest = list(long.words)
    exact = True
    for word in short.words:
        same = _same_word(word, rest)
        if same is None:
            return NONE
        exact = exact and same == word
        rest.remove(same)
    if not rest:
        return Likeness(0.9, Reason.SPELLING)
    if long.is_unit:
        return Likeness(0.82, Reason.PART)
    if QUALIFIERS & set(rest):
        return NONE
    return Likeness(_of_shorter(short, long, rest), Reason.PART)


def _same_word(word: str, among: Collection[str]) -> str | None:
    """The word among others that is the same one, in another case or misspelt."""
    if word in among:
        return word
    return next((other for other in among if _is_same(word, other)), None)


def _is_same(one: str, other: str) -> bool:
    short, long = sorted([one, other], key=len)
    if len(short) >= SHORTEST_TYPO - 1 and long.startswith(short):
        return len(long) - len(short) <= ENDING
    if len(short) < SHORTEST_TYPO:
        return False
    begin = len(list(takewhile(lambda both: both[0] == both[1], zip(short, long, strict=False))))
    if begin >= SHORTEST_TYPO and len(long) - begin < ENDING:
        return True
    from rapidfuzz import fuzz  # here and not above: each worker would hold four megabytes

    return fuzz.ratio(one, other) >= TYPO


def _of_shorter(short: Part, long: Part, rest: list[str]) -> float:
    if short.head in ["university", "hospital"]:
        return 0.82
    return 0.9 * len(short.words) / (len(short.words) + len(rest))
