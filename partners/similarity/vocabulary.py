"""The meaning of words in names of organisations, read from `data/vocabulary.toml`."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

_VOCABULARY = tomllib.loads(
    (Path(__file__).parent / "data" / "vocabulary.toml").read_text(encoding="utf-8")
)
_WORDS = {name: words.split() for name, words in _VOCABULARY["words"].items()}


def _meanings(table: Mapping[str, str]) -> dict[str, str]:
    """Map each word to its meaning, and each meaning to itself."""
    return {word: meaning for meaning, words in table.items() for word in [meaning, *words.split()]}


MEANING = _meanings(_VOCABULARY["meaning"])
PLACES = _meanings(_VOCABULARY["places"])
TWO_MEANINGS = {word: meanings.split() for word, meanings in _VOCABULARY["two_meanings"].items()}
HEADS = _WORDS["heads"]
UNIT_HEADS = set(_WORDS["unit_heads"])
GREAT_HEADS = set(_WORDS["great_heads"])
COUNTRY_WORDS = set(_WORDS["country_words"])
LITTLE_WORDS = set(_WORDS["little_words"])
COMMON = set(_WORDS["common"])
GENERIC = set(_WORDS["generic"])
GIVEN_NAMES = set(_WORDS["given_names"])
QUALIFIERS = set(_WORDS["qualifiers"])
LEGAL_FORMS = set(_WORDS["legal_forms"])
LEGAL_PHRASES: list[str] = _VOCABULARY["legal_phrases"]
