"""Finds doubtful points in printed names of organisations. Names are never changed."""

import re
from collections.abc import Iterable, Iterator

from projects.announcements.country_names import Places
from projects.announcements.word_lists import WORDS
from psf.text.folding import fold

LONGEST = 400  # characters examined
KIND_WORDS = set(WORDS["kinds"].split())
COMMON_WORDS = KIND_WORDS | set(WORDS["common"].split())
CUT_OFF = re.compile(r"(?:\b(?:of|and|for|the|in|with)|[,–—(/&-])\s{0,9}\Z", re.IGNORECASE)
SLASH = re.compile(r"\s{0,9}/\s{0,9}")
BRACKETS = [("(", ")"), ("[", "]"), ("«", "»")]
LANGUAGE_WORDS = {language: set(words.split()) for language, words in WORDS["languages"].items()}


def words_of_name(name: str) -> list[str]:
    return fold(name[:LONGEST]).split()


def distinguishing_words(name: str, places: Places) -> set[str]:
    """Return the words that distinguish the organisation: neither its kind nor a country."""
    return {
        word
        for word in words_of_name(name)
        if len(word) >= 4 and word not in COMMON_WORDS and not places.code_of(word)
    }


def is_cut_off(name: str) -> bool:
    """Whether a name is incomplete, or names only the kind of organisation."""
    words = words_of_name(name)
    return bool(CUT_OFF.search(name[-40:])) or (0 < len(words) <= 3 and set(words) <= KIND_WORDS)


def needs_its_country(name: str) -> bool:
    """Whether several countries may have an organisation of this name, such as a ministry."""
    words = set(words_of_name(name))
    return len(words) > 1 and not is_cut_off(name) and words <= COMMON_WORDS


def names_joined_by_slashes(name: str) -> list[str]:
    """Return the names between slashes; [] for a single name. "A/S" is no separator."""
    parts = [part for part in SLASH.split(name[:LONGEST]) if part]
    return parts if len(parts) > 1 and all(len(part) >= 4 for part in parts) else []


def language_of(name: str) -> str:
    """Return the likely language of the name (BCP 47); "" if none or several fit."""
    words = set(re.findall(r"[^\W\d_]+", name[:LONGEST].casefold()))
    languages = [language for language, cues in LANGUAGE_WORDS.items() if cues & words]
    return languages[0] if len(languages) == 1 else ""


def in_language(name: str) -> str:
    """Return the name with its likely language: “Lasten talo” (fi?)."""
    language = language_of(name)
    return f"“{name}” ({language}?)" if language else f"“{name}”"


def repeats_country(name: str, country: str, places: Places) -> bool:
    """Whether the name begins or ends with the country."""
    start = name[:LONGEST].split()
    ends = places.read_row_with_country_last(name[-LONGEST:])
    first = any(places.code_of(" ".join(start[:length])) == country for length in range(1, 4))
    return (len(start) > 1 and first) or bool(ends and ends.country == country)


def is_unbalanced(name: str) -> bool:
    """Whether a bracket or quotation mark has no counterpart, in English or German quotes."""
    german = "„" in name
    pairs = [*BRACKETS, ("„", "“") if german else ("“", "”")]
    return name.count('"') % 2 == 1 or any(
        name.count(opening) != name.count(closing) for opening, closing in pairs
    )


def variants(names: Iterable[tuple[str, str]], places: Places) -> Iterator[list[str]]:
    """Yield groups of names (code, name) in one country that share a distinguishing word."""
    by_word: dict[tuple[str, str], list[str]] = {}
    for country, name in names:
        for word in sorted(distinguishing_words(name, places)):
            by_word.setdefault((country, word), []).append(name)
    yielded: set[frozenset[str]] = set()
    for group in by_word.values():
        different = list(dict.fromkeys(group))
        if len(different) > 1 and frozenset(different) not in yielded:
            yielded.add(frozenset(different))
            yield different
