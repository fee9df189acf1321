"""Parsing what a person types into a search box. Every text is a valid query."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from psf.search.tokens import STEM, spellings, stem, words

# Longer texts are cut.
MAX_TEXT_LENGTH = 500
MAX_WORDS = 16
# A single letter begins too many words, so it only matches itself.
MIN_PREFIX = 2

_QUOTES = str.maketrans(dict.fromkeys("“”„«»", '"'))
_WORDS = re.compile(r"\W*\w+")
_POSSESSIVE = re.compile(r"(?<=\w)['`\u2019\u00b4]s\b", re.IGNORECASE)
_PARTS = re.compile(r'(?P<minus>-*)(?:"(?P<phrase>[^"]*)"|(?P<word>[^\s"]+))')


class Term(NamedTuple):
    """A word or a phrase, in one or more spellings.

    A quoted term is exact. Other terms also match inflections and beginnings of words.
    """

    typed: str
    spellings: list[list[str]]
    exact: bool

    def is_word(self) -> bool:
        return len(self.spellings[0]) == 1

    def words(self) -> list["Term"]:
        """The words of a term that is not quoted, as terms."""
        return [self] if self.exact else [Term(word, [[word]], False) for word in self.spellings[0]]

    def phrases(self, whole_words: bool) -> Iterator[tuple[list[str], bool]]:
        """The words that documents are searched for, and whether the last may be a beginning."""
        for spelling in self.spellings:
            yield spelling, not self.exact and not whole_words and len(spelling[-1]) >= MIN_PREFIX
            if self.is_word() and not self.exact:
                yield from (([word], False) for word in _inflections(spelling[0]))

    def match_length(self, words: list[str], start: int) -> int:
        """Return how many words the term matches from the index `start`; 0 for no match."""
        for spelling in self.spellings:
            candidate = words[start : start + len(spelling)]
            *first, last = spelling
            if (
                len(candidate) == len(spelling)
                and candidate[:-1] == first
                and self._matches_last(last, candidate[-1])
            ):
                return len(spelling)
        return 0

    def can_start_with(self, word: str) -> bool:
        """Return whether a match of the term can start with this word of a text."""
        return any(
            spelling[0] == word or (len(spelling) == 1 and self._matches_last(spelling[0], word))
            for spelling in self.spellings
        )

    def _matches_last(self, query_word: str, word: str) -> bool:
        if self.exact or query_word == word:
            return query_word == word
        is_prefix = len(query_word) >= MIN_PREFIX and word.startswith(query_word)
        return is_prefix or (self.is_word() and stem(query_word) in (word, stem(word)))


def _inflections(word: str) -> list[str]:
    """Return the words of documents that match the inflections of a word, without the word."""
    word_stem = stem(word)
    return [*([word_stem] if word_stem != word else []), f"{STEM}{word_stem}"]


class Query(NamedTuple):
    """The terms that a record must contain, and the terms that it must not contain.

    `is_cut`: the text had more than a search can use.
    """

    required: list[Term]
    excluded: list[Term]
    is_cut: bool = False

    def is_empty(self) -> bool:
        return not self.required and not self.excluded

    def text(self) -> str:
        """Return a text that is parsed to this query."""
        typed = [*(term.typed for term in self.required)]
        return " ".join([*typed, *(f"-{term.typed}" for term in self.excluded)])


def parse_query(text: str) -> Query:
    """Parse words, "phrases in quotes" and -exclusions. Other signs are ignored."""
    query, remaining = Query([], [], len(text) > MAX_TEXT_LENGTH), MAX_WORDS
    for part in _PARTS.finditer(text[:MAX_TEXT_LENGTH].translate(_QUOTES)):
        typed = part["phrase"] or part["word"] or ""
        used = _first_words(typed, remaining)
        if used != typed:
            query = query._replace(is_cut=True)
        term = _term(used, exact=bool(part["phrase"]))
        if term is None:
            continue
        remaining -= len(term.spellings[0])
        terms = query.excluded if part["minus"] else query.required
        if term not in terms:
            terms.append(term)
    return query


def _first_words(text: str, most: int) -> str:
    """Return the text, or as many of its words as allowed."""
    if len(words(text)) <= most:
        return text
    parts = _WORDS.findall(text)
    while len(words("".join(parts))) > most:
        parts.pop()
    return "".join(parts)


def _term(text: str, exact: bool = False) -> Term | None:
    """Return a term. Several words without a space, such as PSF-2019-01, are a phrase.

    "Euro-faculty" is also spelled "eurofaculty", and "children's" is "children".
    """
    searched = text if exact else _POSSESSIVE.sub("", text)
    term_spellings = spellings(searched)
    if not term_spellings[0]:
        return None
    if not exact:
        joined = spellings(searched.replace("-", ""))
        term_spellings += [spelling for spelling in joined if spelling not in term_spellings]
    return Term(f'"{text}"' if exact else text, term_spellings, exact)
