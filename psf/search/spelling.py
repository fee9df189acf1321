"""Suggestions for mistyped queries, from similar words of the documents."""

from collections.abc import Callable
from functools import reduce
from itertools import islice
from operator import or_

from django.db.models import Q
from django.db.models.functions import Length

from psf.search.query import Query, Term, parse_query

from .models import SearchWord

MIN_WORD_LENGTH = 4
MAX_CORRECTED_WORDS, MAX_SUGGESTIONS = 4, 5


def suggest_queries(query: Query, is_found: Callable[[Query], bool]) -> list[Query]:
    """Return queries with corrected words, the most similar first; [] if all words are found.

    `is_found` says whether the reader finds a record with a query. Hidden records have stored
    words too, which must make no difference.
    """
    terms = [term for term in query.required if _is_correctable(term)][:MAX_CORRECTED_WORDS]
    unknown = [term for term in terms if not is_found(Query([term], []))]
    if not unknown:
        return []
    vocabulary = _vocabulary([_word(term) for term in unknown])
    nearest: dict[str, list[str]] = {}
    for term in unknown:
        similar = similar_words(_word(term), vocabulary)
        found = (word for word in similar if is_found(parse_query(word)))
        nearest[term.typed] = list(islice(found, MAX_SUGGESTIONS))
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
    from rapidfuzz.distance import OSA  # imported late, because few workers need the package

    limit, letters = _max_mistakes(word), set(word)
    similar = [
        (distance, candidate[0] != word[0], candidate)
        for candidate in vocabulary
        if abs(len(candidate) - len(word)) <= limit
        and len(letters.symmetric_difference(candidate)) <= 2 * limit
        and (distance := OSA.distance(word, candidate)) <= limit
    ]
    return [candidate for _distance, _first, candidate in sorted(similar)]


def _replace_words(query: Query, words: dict[str, str]) -> Query:
    """Replace typed words of the query by other words."""
    terms = [term._replace(typed=words.get(term.typed, term.typed)) for term in query.required]
    return parse_query(query._replace(required=terms).text())
