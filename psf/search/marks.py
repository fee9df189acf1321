"""What was searched for, marked in the texts in which it stands."""

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from .asking import Item, understand
from .documents import Field
from .words import words

if TYPE_CHECKING:
    from .index import Index

# Letters and digits, with accents, soft hyphens and joiners that stand by themselves.
_WORD = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\u036f\u00ad\u200b-\u200d\u2060])*")
LONGEST_SNIPPET = 220
BEFORE_THE_FIRST = 60  # letters of the text that lead to the first word found


# Where a snippet is looked for, from first to last; a title stands in the row anyway. Names say
# something only of what does not stand in it.
SNIPPETS_FROM = [Field.SUMMARY, Field.BODY]


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
        pattern = self._plain if self._plain and text.isascii() else _WORD
        for match in pattern.finditer(text):
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

    def snippet(self, texts: Iterable[str]) -> SafeString:
        """A part of the first of these texts in which most of the items stand, with marks."""
        most, best, spans = 0, "", list[Span]()
        for text in texts:
            found = self.spans(text)
            number = len({span.item for span in found})
            if number > most:
                most, best, spans = number, text, found
            if most == len(self.items):
                break
        return _cut(best, spans) if spans else SafeString("")


def _beginning_like(items: list[Item]) -> re.Pattern[str] | None:
    """Those words of a plain text that begin with a letter of one of the items: most do not.

    A word and its inflections begin alike. For words in a row all words are needed: None.
    """
    if not all(item.is_word() for item in items):
        return None
    letters = {re.escape(spelling[0][0]) for item in items for spelling in item.spellings}
    return re.compile(f"(?<![a-z0-9])[{''.join(sorted(letters))}][a-z0-9]*", re.IGNORECASE)


@lru_cache(maxsize=50_000)
def _words_in(text: str) -> tuple[str, ...]:
    return tuple(words(text))


def marked(text: str, found: list[Span]) -> SafeString:
    """The text, escaped, with a `<mark>` round each span."""
    parts, end = [], 0
    for span in found:
        parts.append((text[end : span.start], text[span.start : span.end]))
        end = span.end
    return format_html("{}{}", format_html_join("", "{}<mark>{}</mark>", parts), text[end:])


def _cut(text: str, found: list[Span]) -> SafeString:
    """Some words before the first span, and what follows; "…" where something is left out."""
    start, end = 0, len(text)
    if len(text) > LONGEST_SNIPPET and found[0].start > BEFORE_THE_FIRST:
        space = text.find(" ", found[0].start - BEFORE_THE_FIRST, found[0].start)
        start = space + 1 or found[0].start
    if end - start > LONGEST_SNIPPET:
        end = max(text.rfind(" ", start, start + LONGEST_SNIPPET), found[0].end)
    inside = [
        Span(span.start - start, span.end - start, span.item) for span in found if span.end <= end
    ]
    before, after = "… " if start else "", " …" if end < len(text) else ""
    return format_html("{}{}{}", before, marked(text[start:end], inside), after)


def explain(rows: Iterable[Any], text: str, index: "Index") -> None:
    """Give each row, as `found`, why it is in the list. One query for all of them."""
    query = understand(text)
    texts: dict[int, dict[int, list[str]]] = {row.pk: defaultdict(list) for row in rows}
    if not query.wanted or not texts:
        return
    for record, field, said in index.texts([*texts]):
        texts[record][field].append(" ".join(said.split()))
    marker = Marker(query.wanted)
    for row in rows:
        in_title = marker.spans(str(row))
        says_all = len({span.item for span in in_title}) == len(marker.items)
        fields = SNIPPETS_FROM if says_all else [*SNIPPETS_FROM, Field.NAMES]
        in_order = [each for field in fields for each in sorted(texts[row.pk][field])]
        row.found = Found(marked(str(row), in_title), marker.snippet(in_order))
