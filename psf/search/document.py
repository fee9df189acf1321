"""The document of a record: its words by field. Texts and queries are folded in the same way."""

import re
import unicodedata
from collections.abc import Iterable
from enum import IntEnum
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from psf.text.folding import fold

# Longer words are cut in documents and queries.
MAX_WORD_LENGTH = 40
# Words that each cache of this room holds, in at most 3 MB.
MAX_CACHED = 10_000
# Private characters: no text folds to them, and both databases treat them as letters.
BREAK = "\ue000"  # separates texts, so that a phrase never spans two texts
STEM = "\ue001"  # marks a stem

# For folded letters: lower case, and й, ё, ї, ў without their marks.
_CYRILLIC = str.maketrans(
    {
        **dict(zip("абвгґдезиіклмнопрстуфыэ", "abvggdeziiklmnoprstufye", strict=True)),
        **{
            "ж": "zh",
            "\N{CYRILLIC SMALL LETTER HA}": "kh",
            "ц": "ts",
            "ч": "ch",
            "ш": "sh",
            "щ": "shch",
        },
        **{"ю": "yu", "я": "ya", "є": "ye", "ъ": "", "ь": ""},
    }
)
# Spellings for keyboards without the letter: Thuenen, Aarhus, Tromsoe.
_WRITTEN_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
_CAN_BE_WRITTEN_OUT = re.compile("[äöüåø]")

_IRREGULAR = {
    "children": "child",
    "feet": "foot",
    "lives": "life",
    "men": "man",
    "used": "use",
    "using": "use",
    "wives": "wife",
    "women": "woman",
}
# Porter's terms: alternating vowels and consonants, a short ending, a doubled consonant.
_MEASURE = re.compile(r"[aeiouy]+[^aeiouy]+")
_VOWEL = re.compile(r"[aeiouy]")
_SHORT = re.compile(r"[^aeiou][aeiouy][^aeiouwxy]\Z")
_DOUBLED = re.compile(r"([^aeioulsz])\1\Z")


def words(text: str) -> list[str]:
    """Return the folded words of a text, in Latin letters."""
    folded = fold(text)
    if not folded.isascii():
        folded = folded.translate(_CYRILLIC)
    return [word[:MAX_WORD_LENGTH] for word in folded.split()]


def spellings(text: str) -> list[list[str]]:
    """Return the words of a text, and again with ä, ö, ü, å and ø written as two letters."""
    variants = [words(text)]
    if text.isascii():
        return variants
    lower = unicodedata.normalize("NFC", text.lower())
    if _CAN_BE_WRITTEN_OUT.search(lower):
        variants.append(words(lower.translate(_WRITTEN_OUT)))
    return variants


@lru_cache(maxsize=MAX_CACHED)
def stem(word: str) -> str:
    """Return the common stem of an English word and its inflections.

    This is Porter's algorithm with steps 1 and 5a only, so derived words stay different: "policy"
    and "police", "organise" and "organic".
    """
    word = _without_s(_IRREGULAR.get(word, word))
    word = _without_ed_or_ing(word)
    if len(word) > 3 and word.endswith("y") and _VOWEL.search(word[:-1]):
        return f"{word[:-1]}i"
    root = word.removesuffix("e")
    measure = len(_MEASURE.findall(root))
    return root if measure > 1 or (measure == 1 and not _SHORT.search(root)) else word


def _without_s(word: str) -> str:
    if len(word) > 3 and word.endswith("ies"):
        return f"{word[:-3]}y"
    if word.endswith("sses"):
        return word[:-2]
    plural = len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is"))
    return word[:-1] if plural else word


def _without_ed_or_ing(word: str) -> str:
    if word.endswith("eed"):
        return word[:-1] if _MEASURE.search(word[:-3]) else word
    for ending in ["ing", "ed"]:
        base = word.removesuffix(ending)
        if base == word or len(base) < 3 or not _VOWEL.search(base):
            continue
        if _DOUBLED.search(base):
            return base[:-1]
        needs_e = len(_MEASURE.findall(base)) == 1 and _SHORT.search(base)
        return f"{base}e" if needs_e or base.endswith(("at", "bl", "iz")) else base
    return word


# Documents


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
    spelled = [spelling for spelling in spellings(text) if spelling]
    if len(text.split()) == 1:
        spelled += [["".join(spelling)] for spelling in spelled]
    return tuple(" ".join(spelling) for spelling in spelled)
