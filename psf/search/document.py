"""The document of a record: its words by field, as the databases store them."""

from collections.abc import Iterable
from enum import IntEnum
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from psf.search.tokens import BREAK, MAX_CACHED, STEM, spellings, stem

MAX_NAME_LENGTH = 300


class Field(IntEnum):
    """The field of a word. A smaller number means a more important field."""

    TITLE = 0
    NAMES = 1
    SUMMARY = 2
    BODY = 3


class SearchDocument(NamedTuple):
    """The words of one record. `columns` has a text of words and spaces for each `Field`."""

    record: int
    columns: list[str]

    def digest(self) -> str:
        return blake2b("\n".join(self.columns).encode(), digest_size=12).hexdigest()

    def words(self) -> set[str]:
        """Return all words, including marked stems and the sign between texts."""
        return {*" ".join(self.columns).split()}


def build_column(texts: Iterable[str], foreign_words: Iterable[str] = ()) -> str:
    """Return the words of texts, separated by `BREAK`, then the stems that are no words.

    `foreign_words` are results of `spelled_words()` in any language. They get no stems.
    """
    phrases = dict.fromkeys(phrase for text in texts for phrase in spelled_words(text))
    stems = {*map(_marked_stem, {*" ".join(phrases).split()})} - {""}
    marked_stems = " ".join(sorted(stems))
    parts = [*dict.fromkeys([*phrases, *foreign_words]), marked_stems]
    return f" {BREAK} ".join(filter(None, parts))


def _marked_stem(word: str) -> str:
    """Return the marked stem of a word; "" if the word is its own stem."""
    word_stem = stem(word)
    return f"{STEM}{word_stem}" if word_stem != word else ""


def spelled_words(text: str) -> tuple[str, ...]:
    """Return the words of a text, joined by spaces, once for each spelling.

    A text without spaces, such as PSF-2019-01, is also one word: psf201901.
    """
    return _cached_words(text) if len(text) <= MAX_NAME_LENGTH else _spelled_words(text)


def _spelled_words(text: str) -> tuple[str, ...]:
    found = [spelling for spelling in spellings(text) if spelling]
    if len(text.split()) == 1:
        found += [["".join(spelling)] for spelling in found]
    return tuple(" ".join(spelling) for spelling in found)


# Names of organisations and countries are repeated, unlike long texts.
_cached_words = lru_cache(maxsize=MAX_CACHED)(_spelled_words)
