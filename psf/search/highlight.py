"""What was searched for, marked in the texts in which it stands."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils.safestring import SafeString

from psf.search.document import Field
from psf.search.query import Item, parse_query
from psf.search.sources import texts_of
from psf.search.tokens import words

if TYPE_CHECKING:
    from psf.search.index import Index

# Letters and digits, with accents, soft hyphens and joiners that stand by themselves.
_WORD = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\u036f\u00ad\u200b-\u200d\u2060])*")
LONGEST_SNIPPET = 220
BEFORE_THE_FIRST = 60  # letters of the text that lead to the first word found


# Where a snippet is looked for, from first to last; a title stands in the row anyway.
SNIPPETS_FROM = (Field.SUMMARY, Field.BODY)
# There are many of them, and they say something only of what stands in no other text.
NAMES = (Field.NAMES,)


def words_as_written(text: str) -> list[tuple[str, str]]:
    """Each word of the text in small letters, and as it is searched; without those of parts."""
    found = [(match.group(), _words_in(match.group())) for match in _WORD.finditer(text)]
    return [(written.lower(), folded[0]) for written, folded in found if len(folded) == 1]


class Found(NamedTuple):
    """Why a record was found: its title with marks, and another text of it, "" if none says why."""

    title: SafeString
    snippet: SafeString


class Span(NamedTuple):
    """A part of a text in which one of the items stands."""

    start: int
    end: int
    item: int


class Passage(NamedTuple):
    """A text, and where the items stand in it."""

    text: str
    spans: list[Span]

    def items(self) -> int:
        """How many of the items it has."""
        return len({span.item for span in self.spans})

    def marked(self) -> SafeString:
        """The text, escaped, with a `<mark>` round each span."""
        said, end = "", 0
        for span in self.spans:
            before, found = self.text[end : span.start], self.text[span.start : span.end]
            said += f"{escape(before)}<mark>{escape(found)}</mark>"
            end = span.end
        return SafeString(said + escape(self.text[end:]))

    def snippet(self) -> SafeString:
        """A part of the text with marks: some words before the first span, and what follows.

        "…" stands where something is left out; a text without spans gives "".
        """
        if not self.spans:
            return SafeString("")
        text, first = self.text, self.spans[0]
        start, end = 0, len(text)
        if len(text) > LONGEST_SNIPPET and first.start > BEFORE_THE_FIRST:
            space = text.find(" ", first.start - BEFORE_THE_FIRST, first.start)
            start = space + 1 or first.start
        if end - start > LONGEST_SNIPPET:
            end = max(text.rfind(" ", start, start + LONGEST_SNIPPET), first.end)
        inside = [
            Span(span.start - start, span.end - start, span.item)
            for span in self.spans
            if span.end <= end
        ]
        before, after = "… " if start else "", " …" if end < len(text) else ""
        return SafeString(f"{before}{Passage(text[start:end], inside).marked()}{after}")


NOTHING = Passage("", [])


class Marker:
    """Marks the items of one query in many texts."""

    def __init__(self, items: list[Item]) -> None:
        self.items = items
        self._plain = _beginning_like(items)
        # For each word that occurs, the items that can begin with it.
        self._beginning: dict[str, list[int]] = {}

    def spans(self, text: str) -> list[Span]:
        """Where the items stand in the text, from first to last, none over another."""
        folded: list[str] = []
        places: list[tuple[int, int]] = []
        if self._plain and text.isascii():
            matches = self._plain.finditer(text.lower())
        else:
            matches = _WORD.finditer(text)
        for match in matches:
            for word in _words_in(match.group()):
                folded.append(word)
                places.append(match.span())
        found: list[Span] = []
        for place, word in enumerate(folded):
            start = places[place][0]
            if found and start < found[-1].end:
                continue
            for item in self._beginning_with(word):
                if length := self.items[item].found_in(folded, place):
                    found.append(Span(start, places[place + length - 1][1], item))
                    break
        return found

    def _beginning_with(self, word: str) -> list[int]:
        if word not in self._beginning:
            self._beginning[word] = [
                number for number, item in enumerate(self.items) if item.can_begin_with(word)
            ]
        return self._beginning[word]

    def passage(self, text: str) -> Passage:
        return Passage(text, self.spans(text))

    def best(self, texts: Iterable[str], best: Passage = NOTHING) -> Passage:
        """The first of these texts with most of the items, if it has more than that one."""
        for text in texts:
            if best.items() == len(self.items):
                break
            best = max(best, self.passage(text), key=Passage.items)
        return best


def _beginning_like(items: list[Item]) -> re.Pattern[str] | None:
    """Those words of a plain text in small letters that begin like one of the items: most do not.

    A word and its inflections begin with the same letter, which is looked for first. For words in
    a row all words are needed: None.
    """
    if not all(item.is_word() for item in items):
        return None
    letters = {re.escape(spelling[0][0]) for item in items for spelling in item.spellings}
    return re.compile(f"[{''.join(sorted(letters))}](?<![a-z0-9].)[a-z0-9]*")


@lru_cache(maxsize=50_000)
def _words_in(text: str) -> tuple[str, ...]:
    return tuple(words(text))


def explain(rows: Iterable[Any], text: str, index: "Index") -> None:
    """Give each row, as `found`, why it is in the list. Two queries at most for all of them."""
    query = parse_query(text)
    keys = [row.pk for row in rows]
    if not query.wanted or not keys:
        return
    marker, texts = Marker(query.wanted), _texts(index, keys, SNIPPETS_FROM)
    titles = {row.pk: marker.passage(str(row)) for row in rows}
    passages = {key: marker.best(texts[key]) for key in keys}
    all_items = len(query.wanted)
    unclear = [key for key in keys if max(titles[key].items(), passages[key].items()) < all_items]
    for key, names in _texts(index, unclear, NAMES).items():
        passages[key] = marker.best(names, passages[key])
    for row in rows:
        row.found = Found(titles[row.pk].marked(), passages[row.pk].snippet())


def _texts(index: "Index", records: list[int], fields: Sequence[Field]) -> dict[int, list[str]]:
    """The texts of each record in these fields: one field after the other, sorted in each."""
    found: dict[int, list[tuple[int, str]]] = {record: [] for record in records}
    for record, field, said in texts_of(index, records, fields):
        found[record].append((fields.index(Field(field)), _in_one_line(said)))
    return {record: [said for _place, said in sorted(texts)] for record, texts in found.items()}


def _in_one_line(text: str) -> str:
    """With single spaces only, as most texts are: of white space the space alone is printable."""
    plain = text.isprintable() and "  " not in text
    return text.strip() if plain else " ".join(text.split())
