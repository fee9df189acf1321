"""What is kept of a record so that it can be found: its words, by the field in which they stand."""

from collections.abc import Iterable
from enum import IntEnum
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from psf.search.tokens import BREAK, STEM, spellings, stem

LONGEST_NAME = 300


class Field(IntEnum):
    """Where a word stands, and so how much it says: the least number the most."""

    TITLE = 0
    NAMES = 1
    SUMMARY = 2
    BODY = 3


class Document(NamedTuple):
    """The words of one record. `columns` has one text for each `Field`, words between spaces."""

    record: int
    columns: list[str]

    def digest(self) -> str:
        return blake2b("\n".join(self.columns).encode(), digest_size=12).hexdigest()

    def stems_of_title(self) -> set[str]:
        """What the words of its title have in common with their inflections; figures left out."""
        return {stem(word) for word in self.columns[Field.TITLE].split() if word.isalpha()}

    def words(self) -> set[str]:
        """Its words, and with them what stands for stems and breaks."""
        return {*" ".join(self.columns).split()}


def column_of(texts: Iterable[str], others: Iterable[str] = ()) -> str:
    """The words of the texts, each text by itself, then the stems that differ from their words.

    `others` are words already, as `runs()` gives them, and of any language: they have no stems.
    """
    own = dict.fromkeys(run for text in texts for run in runs(text))
    stems = {*map(_marked_stem, {*" ".join(own).split()})} - {""}
    marked = " ".join(sorted(stems))
    return f" {BREAK} ".join(filter(None, [*dict.fromkeys([*own, *others]), marked]))


@lru_cache(maxsize=50_000)
def _marked_stem(word: str) -> str:
    """What stands for the inflections of a word; "" where that is the word itself."""
    found = stem(word)
    return f"{STEM}{found}" if found != word else ""


def runs(text: str) -> tuple[str, ...]:
    """The words of a text, between spaces; once for each of its spellings."""
    return _runs_of_name(text) if len(text) <= LONGEST_NAME else _runs(text)


def _runs(text: str) -> tuple[str, ...]:
    return tuple(" ".join(spelling) for spelling in spellings(text) if spelling)


# The names of organisations and countries come again and again, long texts do not.
_runs_of_name = lru_cache(maxsize=50_000)(_runs)
