"""The facts on a public page, so that two states of the page can be compared."""

from collections.abc import Mapping
from typing import NamedTuple

from django.utils.functional import Promise


class PublicFact(NamedTuple):
    """A fact in words. Its label may be lazy, because most facts are only compared."""

    label: str | Promise
    words: str


class PublicPage(NamedTuple):
    """The page of a record. Facts have permanent keys.

    `address` is the address of the page, or the text shown there after the page is unpublished.
    """

    name: str
    address: str
    facts: dict[str, PublicFact]


class FactDifference(NamedTuple):
    """A fact with its words before and after; "" for a fact that is not on the page."""

    label: str
    old: str
    new: str


def compare_facts(
    old: Mapping[str, PublicFact], new: Mapping[str, PublicFact]
) -> list[FactDifference]:
    """The facts whose words differ, in the order of the page."""
    nothing = PublicFact("", "")
    pairs = [(old.get(key, nothing), new.get(key, nothing)) for key in {**old, **new}]
    return [
        FactDifference(str(before.label or after.label), before.words, after.words)
        for before, after in pairs
        if before.words != after.words
    ]
