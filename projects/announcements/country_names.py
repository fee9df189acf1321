"""Countries in a text, by any name they have or had, in any tongue."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from partners.models import Country, CountryName
from psf.text.folding import fold

LONGEST_NAME = 100  # characters, and
WORDS_OF_A_NAME = 8
LONGEST_ROW = 450
LONGEST_LIST = 2000  # characters
SEPARATOR = re.compile(r"\s{0,9}:\s{0,9}|\s{0,9}[–—]\s{0,9}|\s{1,9}-\s{0,9}|-\s{1,9}|\t{1,9}")
TRAILING_COUNTRY = re.compile(
    r"\s{0,9}(?:\(([^()]{2,60})\)|\[([^][]{2,60})\]|,\s{0,9}([^(),]{2,60})|\s[–—-]\s{1,9}([^(),–—]{2,60}))[\s.,;]{0,9}\Z"
)
WORD = re.compile(r"[^\s,;/]+|[,;/]")
BETWEEN = {"", "and", "the", "as", "well", "also"}


class Countries(NamedTuple):
    """The codes of a list of countries in its order, each once, and the words that are none."""

    codes: list[str]
    unknown: list[str]


class Entry(NamedTuple):
    """A row of a partner list: a country, and the organisation unless only the country is known.

    `dash` says that a dash stood between them: such rows end in stray commas.
    """

    country: str
    name: str | None
    dash: bool


def _key(text: str) -> str:
    return fold(text.replace("&", " and ")).removeprefix("the ")


def _closing(text: str, start: int) -> int:
    """Where the bracket that opens at `start` has closed; 0 where it does not."""
    depth = 0
    for index in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[index], 0)
        if depth == 0:
            return index + 1
    return 0


class Places:
    """What is a country: the codes by the names that are in the database."""

    def __init__(self, names: Iterable[tuple[str, str]], shown: Iterable[tuple[str, str]]) -> None:
        """`names` and `shown` pair a code with a name; the name that is shown wins."""
        self.shown = dict(shown)
        found = defaultdict(set)
        for code, name in names:
            found[_key(name)].add(code)
        self._codes = {key: codes.pop() for key, codes in found.items() if len(codes) == 1}
        self._codes |= {_key(name): code for code, name in self.shown.items()}
        every = [*self.shown.values(), *(name for _code, name in names)]
        self._bracketed = {name.casefold() for name in every if "(" in name}

    @classmethod
    def from_database(cls) -> "Places":
        names = list(CountryName.objects.values_list("country_id", "text"))
        return cls(names, Country.objects.values_list("code", "name"))

    def name_of(self, code: str) -> str:
        return self.shown[code]

    def code_of(self, text: str) -> str | None:
        """The country of which the whole text is a name, or the code in capitals."""
        text = text.strip()
        if len(text) > LONGEST_NAME:
            return None
        if ("(" in text or ")" in text) and text.casefold() not in self._bracketed:
            return None
        return self._codes.get(_key(text)) or (text if text in self.shown else None)

    def read_list(self, text: str) -> Countries:
        """ "Latvia, Sweden, and Russia." in any punctuation; words that are no country are told."""
        words = WORD.findall(text[:LONGEST_LIST].strip().removesuffix("."))
        codes: list[str] = []
        unknown = []
        while words:
            length, code = self._longest_name(words)
            if code:
                codes.append(code)
            elif _key(words[0]) not in BETWEEN or "(" in words[0] or ")" in words[0]:
                unknown.append(words[0])
            words = words[length:]
        return Countries(list(dict.fromkeys(codes)), unknown)

    def _longest_name(self, words: list[str]) -> tuple[int, str | None]:
        for length in range(min(WORDS_OF_A_NAME, len(words)), 0, -1):
            part = words[:length]
            if not {",", ";", "/"} & set(part) and (code := self.code_of(" ".join(part))):
                return length, code
        return 1, None

    def read_pairs(self, text: str) -> list[Entry]:
        """ "Latvia (Harbour), Estonia and Finland (Port (P))"; [] where anything else stands."""
        rest, entries = text[:LONGEST_LIST].strip().removesuffix(".").strip(), []
        while rest:
            start = rest.find("(")
            before = rest if start < 0 else rest[:start]
            found = self.read_list(before)
            length = _closing(rest, start) if start >= 0 else len(rest)
            if found.unknown or not found.codes or not length:
                return []
            entries += [Entry(code, None, dash=False) for code in found.codes]
            if start >= 0:
                name = rest[start + 1 : length - 1].strip() or None
                entries[-1] = Entry(found.codes[-1], name, dash=False)
            rest = rest[length:].strip()
        return entries

    def read_row(self, text: str) -> Entry | None:
        """ "Latvia: Association", "Lithuania –  Museum,"; None where no country stands first."""
        start = text[:LONGEST_NAME]
        found = None
        for match in islice(SEPARATOR.finditer(start), 6):
            if code := self.code_of(start[: match.start()]):
                name = text[match.end() :].strip()
                found = Entry(code, name or None, dash=":" not in match.group())
                if not found.dash:
                    return found  # no name of a country has a colon
        return found

    def read_row_without_mark(self, text: str) -> Entry | None:
        """ "Museum (Lithuania)", "Museum, Lithuania" or "Lithuania, Museum", as lists have them."""
        if last := self.read_row_with_country_last(text):
            return last
        first, _comma, name = text[:LONGEST_ROW].partition(",")
        code = self.code_of(first)
        is_list = self.read_list(name.split(",")[0].split(" and ")[0]).codes
        return (
            Entry(code, name.strip(), dash=True) if code and name.strip() and not is_list else None
        )

    def read_row_with_country_last(self, text: str) -> Entry | None:
        """ "Museum (Lithuania)" or "Museum, Lithuania": the country stands last."""
        match = TRAILING_COUNTRY.search(text, max(0, len(text) - LONGEST_NAME))
        code = self.code_of(match[match.lastindex or 0]) if match else None
        if not match or not code or not text[: match.start()].strip():
            return None
        return Entry(code, text[: match.start()].strip(), dash=False)

    def read_lead(self, text: str) -> tuple[str | None, str | None]:
        """Country and organisation of "Norway (Centre (NC) Oslo)"; None for what is not stated.

        The outer brackets are taken off, whatever stands inside them.
        """
        text = text.strip()
        if code := self.code_of(text.removesuffix(".")):
            return code, None
        for start in sorted(self._brackets(text), reverse=True):
            if code := self.code_of(text[:start]):
                inside = text[start + 1 :].removesuffix(".").rstrip()
                return code, inside.removesuffix(")").strip() or None
        entry = self.read_row(text) or self.read_row_with_country_last(text)
        if entry:
            return entry.country, entry.name
        return None, text.removesuffix(".").strip() or None

    def _brackets(self, text: str) -> Iterator[int]:
        return (index for index, char in enumerate(text[:LONGEST_NAME]) if char == "(")
