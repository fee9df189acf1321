"""What is kept of a record so that it can be found: its words, by the field in which they stand."""

from collections.abc import Iterable, Iterator
from enum import IntEnum
from hashlib import blake2b
from typing import NamedTuple

from .words import BREAK, STEM, spellings, stem


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

    def words(self) -> Iterator[str]:
        """The words as they are written: neither stems nor breaks."""
        for column in self.columns:
            yield from (word for word in column.split() if word[0] not in (BREAK, STEM))


def column_of(texts: Iterable[str], others: Iterable[str] = ()) -> str:
    """The words of the texts, each text by itself, then the stems that differ from their words.

    `others` are in any language: they have no English stems.
    """
    runs = _runs(texts)
    stems = {stem(word) for run in runs for word in run.split() if stem(word) != word}
    marked = " ".join(f"{STEM}{each}" for each in sorted(stems))
    whole = list(dict.fromkeys([*runs, *_runs(others), marked]))
    return f" {BREAK} ".join(filter(None, whole))


def _runs(texts: Iterable[str]) -> list[str]:
    return [" ".join(spelling) for text in texts for spelling in spellings(text)]
