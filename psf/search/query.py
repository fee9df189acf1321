"""What a person typed into a search box, understood. Nothing that can be typed is an error."""

import re
from typing import NamedTuple

from psf.search.tokens import STEM, spellings, stem

# What is read of an endless text.
LONGEST_TEXT = 500
MOST_WORDS = 16
# A single letter begins half of all words: it only finds itself.
SHORTEST_BEGINNING = 2

_QUOTES = str.maketrans(dict.fromkeys("“”„«»", '"'))
_PARTS = re.compile(r'(?P<minus>-*)(?:"(?P<phrase>[^"]*)"|(?P<word>[^\s"]+))')


class Item(NamedTuple):
    """A word, or words in a row, in one or two spellings.

    An exact one is what stood in quotes; of others the inflections and beginnings count too.
    """

    typed: str
    spellings: list[list[str]]
    exact: bool

    def is_word(self) -> bool:
        return len(self.spellings[0]) == 1

    def found_in(self, text: list[str], place: int) -> int:
        """How many words of the text it covers from that place on; 0 if it is not there."""
        for spelling in self.spellings:
            here = text[place : place + len(spelling)]
            *first, last = spelling
            if len(here) == len(spelling) and here[:-1] == first and self._is_end(last, here[-1]):
                return len(spelling)
        return 0

    def can_begin_with(self, word: str) -> bool:
        """Whether the item may be found in a text at the place of that word."""
        if self.is_word():
            return any(self._is_end(spelling[0], word) for spelling in self.spellings)
        return any(spelling[0] == word for spelling in self.spellings)

    def _is_end(self, asked: str, word: str) -> bool:
        if self.exact or asked == word:
            return asked == word
        begins = len(asked) >= SHORTEST_BEGINNING and word.startswith(asked)
        return begins or (self.is_word() and stem(asked) in (word, stem(word)))


def inflections(word: str) -> list[str]:
    """What stands in documents for the inflections of a word, itself left out."""
    common = stem(word)
    return [*([common] if common != word else []), f"{STEM}{common}"]


class Query(NamedTuple):
    """What must be found, all of it, and what must not."""

    wanted: list[Item]
    unwanted: list[Item]

    def is_empty(self) -> bool:
        return not self.wanted and not self.unwanted

    def text(self) -> str:
        """A text that means this."""
        typed = [*(item.typed for item in self.wanted)]
        return " ".join([*typed, *(f"-{item.typed}" for item in self.unwanted)])


def parse_query(text: str) -> Query:
    """Words, "phrases in quotes" and -exclusions. What holds no letter or digit says nothing."""
    query, left = Query([], []), MOST_WORDS
    for part in _PARTS.finditer(text[:LONGEST_TEXT].translate(_QUOTES)):
        item = _item(part["phrase"], exact=True) if part["phrase"] else _item(part["word"] or "")
        if item is None:
            continue
        left -= len(item.spellings[0])
        if left < 0:
            break
        chosen = query.unwanted if part["minus"] else query.wanted
        if item not in chosen:
            chosen.append(item)
    return query


def _item(text: str, exact: bool = False) -> Item | None:
    """Several words typed without a space, such as PSF-2019-01, are words in a row."""
    found = spellings(text)
    if not found[0]:
        return None
    return Item(f'"{text}"' if exact else text, found, exact)
