"""What a person types into a search box: parsed, and corrected by similar words."""

import re
from collections.abc import Callable, Iterator, Set
from functools import reduce
from itertools import islice
from operator import or_
from typing import NamedTuple

from django.db.models import Q
from django.db.models.functions import Length

from psf.search.document import STEM, spellings, stem, words
from psf.search.models import SearchWord

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


# Suggestions for mistyped words

MIN_WORD_LENGTH = 4
MAX_CORRECTED_WORDS, MAX_SUGGESTIONS = 4, 5


def suggest_queries(
    query: Query, is_found: Callable[[Query], bool], more_words: Set[str] = frozenset()
) -> list[Query]:
    """Return queries with corrected words, the most similar first; [] if all words are found.

    `is_found` says whether the reader finds a record with a query. Hidden records have stored
    words too, which must make no difference. `more_words` are in no index.
    """
    terms = [term for term in query.required if _is_correctable(term)][:MAX_CORRECTED_WORDS]
    unknown = [term for term in terms if not is_found(Query([term], []))]
    if not unknown:
        return []
    vocabulary = _vocabulary([_word(term) for term in unknown]) | more_words
    nearest: dict[str, list[str]] = {}
    for term in unknown:
        similar = similar_words(_word(term), vocabulary)
        queries = (word for word in similar if is_found(parse_query(word)))
        nearest[term.typed] = list(islice(queries, MAX_SUGGESTIONS))
    if not all(nearest.values()):
        return []
    first = unknown[0].typed
    best = {typed: words[0] for typed, words in nearest.items()}
    return [_replace_words(query, best | {first: word}) for word in nearest[first]]


def _word(term: Term) -> str:
    return term.spellings[0][0]


def _is_correctable(term: Term) -> bool:
    word = _word(term)
    return term.is_word() and len(word) >= MIN_WORD_LENGTH and word.isalpha()


def _max_mistakes(word: str) -> int:
    """Return the number of mistakes allowed in a word."""
    return 1 if len(word) < 6 else 2


def _vocabulary(words: list[str]) -> set[str]:
    """Return the stored words of a similar length as one of these words."""
    conditions = [
        Q(length__range=(len(word) - _max_mistakes(word), len(word) + _max_mistakes(word)))
        for word in words
    ]
    rows = SearchWord.objects.annotate(length=Length("word")).filter(reduce(or_, conditions))
    return set(rows.values_list("word", flat=True))


def similar_words(word: str, vocabulary: set[str]) -> list[str]:
    """Return the words of the vocabulary with few mistakes, the most similar first.

    A mistake is a letter that is missing, added, wrong or swapped with its neighbour.
    """
    from rapidfuzz import distance, process  # imported late, because few workers need the package

    similar = process.extract(
        word, vocabulary, scorer=distance.OSA.distance, score_cutoff=_max_mistakes(word), limit=None
    )
    in_order = sorted((mistakes, near[0] != word[0], near) for near, mistakes, _at in similar)
    return [near for _mistakes, _first, near in in_order]


def _replace_words(query: Query, words: dict[str, str]) -> Query:
    """Replace typed words of the query by other words."""
    terms = [term._replace(typed=words.get(term.typed, term.typed)) for term in query.required]
    return parse_query(query._replace(required=terms).text())


def with_one_word_less(query: Query) -> list[Query]:
    """The searches without one of the words of a short search."""
    terms = [word for term in query.required for word in term.words()]
    shorter = [query._replace(required=[*terms[:at], *terms[at + 1 :]]) for at in range(len(terms))]
    return shorter if 1 < len(terms) <= MAX_CORRECTED_WORDS else []
