"""From a text to the words by which it is found: the same for what is stored and what is asked."""

import re
import unicodedata
from functools import lru_cache

from psf.text.folding import fold

# Longer ones are cut, on both sides: a beginning finds them all the same.
LONGEST_WORD = 40
# Letters of nobody's alphabet: no text folds to them, and both databases take them for letters.
BREAK = "\ue000"  # stands between texts, so that no phrase reaches from one into the next
STEM = "\ue001"  # begins what stands for all inflections of a word

# Folded already: without capitals, and й, ё, ї, ў without their marks.
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
# How the letter is written where a keyboard lacks it: Thuenen, Aarhus, Tromsoe.
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
# Porter's terms: vowels and consonants in turn, a short ending, a doubled consonant.
_MEASURE = re.compile(r"[aeiouy]+[^aeiouy]+")
_VOWEL = re.compile(r"[aeiouy]")
_SHORT = re.compile(r"[^aeiou][aeiouy][^aeiouwxy]\Z")
_DOUBLED = re.compile(r"([^aeioulsz])\1\Z")


def words(text: str) -> list[str]:
    """The folded words of a text, in Latin letters."""
    folded = fold(text)
    if not folded.isascii():
        folded = folded.translate(_CYRILLIC)
    return [word[:LONGEST_WORD] for word in folded.split()]


def spellings(text: str) -> list[list[str]]:
    """The words of a text; where it has ä, ö, ü, å or ø, once more with these written out."""
    found = [words(text)]
    if text.isascii():
        return found
    small = unicodedata.normalize("NFC", text.lower())
    if _CAN_BE_WRITTEN_OUT.search(small):
        found.append(words(small.translate(_WRITTEN_OUT)))
    return found


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """What an English word has in common with its inflections; two words are one if it is equal.

    The inflections of Porter's algorithm (its steps 1 and 5a) and no derivations: a policy is
    no police, and what is organised is not organic.
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
        rest = word.removesuffix(ending)
        if rest == word or len(rest) < 3 or not _VOWEL.search(rest):
            continue
        if _DOUBLED.search(rest):
            return rest[:-1]
        needs_e = len(_MEASURE.findall(rest)) == 1 and _SHORT.search(rest)
        return f"{rest}e" if needs_e or rest.endswith(("at", "bl", "iz")) else rest
    return word
