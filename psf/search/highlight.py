"""Highlights the terms of a query in texts, and builds snippets."""

import re
from collections.abc import Iterable
from functools import lru_cache
from html import escape
from typing import Any, NamedTuple

from django.utils.safestring import SafeString

from psf.search.document import MAX_CACHED, Field, words
from psf.search.index import Index, read_texts
from psf.search.query import Term, parse_query

# Letters and digits, with combining accents, soft hyphens and joiners.
_WORD = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\u036f\u00ad\u200b-\u200d\u2060])*")
MAX_SNIPPET = 220
TEXT_BEFORE_MATCH = 60  # characters of text before the first match

# The fields of snippets, in this order, before the names. The title is always shown.
TEXT_FIELDS = [Field.SUMMARY, Field.BODY]


class Explanation(NamedTuple):
    """Why a record matches: the highlighted title, and a snippet of another text or ""."""

    title: SafeString
    snippet: SafeString


class Span(NamedTuple):
    """A part of a text that matches the term with the number `term`."""

    start: int
    end: int
    term: int


class Passage(NamedTuple):
    """A text with the matches of the terms."""

    text: str
    spans: list[Span]

    def term_count(self) -> int:
        """Return the number of different terms in the text."""
        return len({span.term for span in self.spans})

    def marked(self) -> SafeString:
        """Return the text as HTML with a `<mark>` element around each match."""
        html, end = "", 0
        for span in self.spans:
            before, match = self.text[end : span.start], self.text[span.start : span.end]
            html += f"{escape(before)}<mark>{escape(match)}</mark>"
            end = span.end
        return SafeString(html + escape(self.text[end:]))

    def snippet(self) -> SafeString:
        """Return HTML of the text around the first match; "" without a match.

        "…" marks omitted text.
        """
        if not self.spans:
            return SafeString("")
        text, first = self.text, self.spans[0]
        start, end = 0, len(text)
        if len(text) > MAX_SNIPPET and first.start > TEXT_BEFORE_MATCH:
            space = text.find(" ", first.start - TEXT_BEFORE_MATCH, first.start)
            start = space + 1 or first.start
        if end - start > MAX_SNIPPET:
            end = max(text.rfind(" ", start, start + MAX_SNIPPET), first.end)
        inside = [
            Span(span.start - start, span.end - start, span.term)
            for span in self.spans
            if span.end <= end
        ]
        before, after = "… " if start else "", " …" if end < len(text) else ""
        in_one_line = " ".join(Passage(text[start:end], inside).marked().split())
        return SafeString(f"{before}{in_one_line}{after}")


class Marker:
    """Highlights the terms of one query in many texts."""

    def __init__(self, terms: list[Term]) -> None:
        self.terms = terms
        # For each word of a text, the numbers of the terms that can start with the word.
        self._starting_terms: dict[str, list[int]] = {}

    def spans(self, text: str) -> list[Span]:
        """Return the matches in the text in their order, without overlaps."""
        places = [(at, word) for at in _WORD.finditer(text) for word in _words_in(at.group())]
        folded, spans = [word for _at, word in places], list[Span]()
        for index, (at, word) in enumerate(places):
            if spans and at.start() < spans[-1].end:
                continue
            for term in self._terms_starting_with(word):
                if length := self.terms[term].match_length(folded, index):
                    spans.append(Span(at.start(), places[index + length - 1][0].end(), term))
                    break
        return spans

    def _terms_starting_with(self, word: str) -> list[int]:
        if word not in self._starting_terms:
            self._starting_terms[word] = [
                number for number, term in enumerate(self.terms) if term.can_start_with(word)
            ]
        return self._starting_terms[word]

    def passage(self, text: str) -> Passage:
        return Passage(text, self.spans(text))

    def best(self, texts: Iterable[str]) -> Passage:
        """Return the first text with the most terms; an empty passage if none has a term."""
        best = Passage("", [])
        for text in texts:
            if best.term_count() == len(self.terms):
                break
            best = max(best, self.passage(text), key=Passage.term_count)
        return best


@lru_cache(maxsize=MAX_CACHED)
def _words_in(text: str) -> tuple[str, ...]:
    return tuple(words(text))


def explain(rows: Iterable[Any], text: str, index: Index) -> None:
    """Set `explanation` of each row to an `Explanation`, with one query in total."""
    query, texts = parse_query(text), {row.pk: list[tuple[int, str]]() for row in rows}
    if not query.required:
        return
    marker = Marker(query.required)
    titles = {row.pk: marker.passage(str(row)) for row in rows}
    # Beside a title with all terms, a name would tell nothing more.
    complete = {key for key, title in titles.items() if title.term_count() == len(query.required)}
    fields = TEXT_FIELDS if complete == texts.keys() else [*TEXT_FIELDS, Field.NAMES]
    for record, field, found in read_texts(index, [*texts], fields):
        if field != Field.NAMES or record not in complete:
            texts[record].append((fields.index(Field(field)), found))
    for row in rows:
        snippet = marker.best(found for _place, found in sorted(texts[row.pk])).snippet()
        row.explanation = Explanation(titles[row.pk].marked(), snippet)
