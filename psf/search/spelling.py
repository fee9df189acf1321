"""What somebody may have meant to type: words that stand in some document and look alike."""

from functools import reduce
from operator import or_

from django.db.models import Q
from django.db.models.functions import Length

from psf.search.query import Item, Query, parse_query
from psf.search.tokens import stem

from .models import SearchWord

SHORTEST_MISTAKE = 4
MOST_WORDS, MOST_MEANINGS = 4, 5


def meanings(query: Query) -> list[Query]:
    """What the query may have meant, the nearest first; [] if no document lacks its words."""
    asked = [item for item in query.wanted if _can_be_mistaken(item)][:MOST_WORDS]
    known = _vocabulary([_word(item) for item in asked])
    mistaken = [item for item in asked if not _is_known(_word(item), known)]
    if not mistaken:
        return []
    nearest = {item.typed: neighbours(_word(item), known) for item in mistaken}
    if not all(nearest.values()):
        return []
    first = mistaken[0].typed
    best = {typed: words[0] for typed, words in nearest.items()}
    return [_with(query, best | {first: word}) for word in nearest[first][:MOST_MEANINGS]]


def _word(item: Item) -> str:
    return item.spellings[0][0]


def _can_be_mistaken(item: Item) -> bool:
    word = _word(item)
    return item.is_word() and len(word) >= SHORTEST_MISTAKE and word.isalpha()


def _allowed(word: str) -> int:
    """How many mistakes there may be in a word of that length."""
    return 1 if len(word) < 6 else 2


def _vocabulary(words: list[str]) -> set[str]:
    """The known words that begin with one of these, or are about as long."""
    if not words:
        return set()
    wanted = [
        Q(word__startswith=word)
        | Q(length__range=(len(word) - _allowed(word), len(word) + _allowed(word)))
        for word in words
    ]
    rows = SearchWord.objects.annotate(length=Length("word")).filter(reduce(or_, wanted))
    return set(rows.values_list("word", flat=True))


def _is_known(word: str, known: set[str]) -> bool:
    return any(other.startswith(word) or stem(other) == stem(word) for other in known)


def neighbours(word: str, known: set[str]) -> list[str]:
    """The known words with few enough mistakes between, the nearest first."""
    allowed, letters = _allowed(word), set(word)
    near = [
        (found, other[0] != word[0], other)
        for other in known
        if abs(len(other) - len(word)) <= allowed
        and len(letters.symmetric_difference(other)) <= 2 * allowed
        and (found := mistakes(word, other)) <= allowed
    ]
    return [other for _mistakes, _first, other in sorted(near)]


def mistakes(one: str, other: str) -> int:
    """How many letters are missing, added, wrong, or changed places with their neighbour."""
    before, last = [0] * (len(other) + 1), [*range(len(other) + 1)]
    for i, left in enumerate(one, start=1):
        row = [i]
        for j, right in enumerate(other, start=1):
            least = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (left != right))
            if i > 1 and j > 1 and left == other[j - 2] and one[i - 2] == right:
                least = min(least, before[j - 2] + 1)
            row.append(least)
        before, last = last, row
    return last[-1]


def _with(query: Query, replaced: dict[str, str]) -> Query:
    """The query with other words in the place of some."""
    wanted = [item._replace(typed=replaced.get(item.typed, item.typed)) for item in query.wanted]
    return parse_query(query._replace(wanted=wanted).text())
