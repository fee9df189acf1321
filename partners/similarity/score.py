"""The similarity of two names: a score between 0 and 1, with the reason."""

from typing import NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _

from partners.similarity.profile import QUALIFIERS, Body, Profile

CERTAIN = 1.0
SIMILAR = 0.8  # two names with this score or more may mean one organisation
SHORTEST_STEM, SHORTEST_TYPO = 4, 6  # letters: in shorter words one letter makes another word
TYPO = 0.9  # similarity between two spellings of a word
TYPO_IN_NAME = 92  # of two whole names; different bodies of a country reach 91
ENDING = 3  # letters: the longest difference between grammatical cases of a word


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
