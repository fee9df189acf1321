"""Recognises countries in a text by current and former names in any language."""

import re
from collections import defaultdict
from collections.abc import Iterable
from itertools import islice
from typing import NamedTuple

from partners.models import Country, CountryName
from psf.text.folding import fold

LONGEST_NAME = 100  # characters
WORDS_OF_A_NAME = 8
LONGEST_LIST = 2000  # characters
SEPARATOR = re.compile(r"\s{0,9}:\s{0,9}|\s{0,9}[–—]\s{0,9}|\s{1,9}-\s{0,9}|-\s{1,9}|\t{1,9}")
COUNTRY_LAST = re.compile(r"\s{0,9}\(([^()]{2,60})\)[\s.,;]{0,9}\Z")
WORD = re.compile(r"[^\s,;/]+|[,;/]")
BETWEEN = {"", "and", "the", "as", "well", "also"}


class Countries(NamedTuple):
    """The distinct codes of a list of countries, in order, and the words that name no country."""

    codes: list[str]
    unknown: list[str]


class PartnerEntry(NamedTuple):
    """A country and an organisation in a partner list. Without a name, only the country is known.

    Rows with a dash often end in a stray comma, which is not part of the name.
    """

    country: str
    name: str | None = None


def _key(text: str) -> str:
    return fold(text.replace("&", " and ")).removeprefix("the ")


class Places:
    """Finds the country of a name, among the names in the database."""

    def __init__(self, names: Iterable[tuple[str, str]], shown: Iterable[tuple[str, str]]) -> None:
        """`names` and `shown` are pairs of code and name. Names in `shown` take precedence."""
        self.shown = dict(shown)
        codes_by_key = defaultdict(set)
        for code, name in names:
            codes_by_key[_key(name)].add(code)
        self._codes = {key: codes.pop() for key, codes in codes_by_key.items() if len(codes) == 1}
        self._codes |= {_key(name): code for code, name in self.shown.items()}
        all_names = [*self.shown.values(), *(name for _code, name in names)]
        self._bracketed = {name.casefold() for name in all_names if "(" in name}

    @classmethod
    def from_database(cls) -> "Places":
        names = list(CountryName.objects.values_list("country_id", "text"))
        return cls(names, Country.objects.values_list("code", "name"))

    def name_of(self, code: str) -> str:
        return self.shown[code]

    def code_of(self, text: str) -> str | None:
        """Return the country if the whole text is a name, or a code in capitals."""
        text = text.strip()
        if len(text) > LONGEST_NAME:
            return None
        if ("(" in text or ")" in text) and text.casefold() not in self._bracketed:
            return None
        return self._codes.get(_key(text)) or (text if text in self.shown else None)

    def read_list(self, text: str) -> Countries:
        """Read a list such as "Latvia, Sweden, and Russia." in any punctuation."""
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

    def read_row(self, text: str) -> PartnerEntry | None:
        """Read "Latvia: Association", "Lithuania –  Museum," or "Poland"; None for other lines."""
        start = text[:LONGEST_NAME]
        entry = None
        for match in islice(SEPARATOR.finditer(start), 6):
            if code := self.code_of(start[: match.start()]):
                name = text[match.end() :].strip()
                if ":" in match.group():
                    return PartnerEntry(code, name or None)  # no country name contains a colon
                entry = PartnerEntry(code, name.rstrip(" \u00a0,;") or None)
        code = None if text.endswith(".") else self.code_of(text)
        return entry or (PartnerEntry(code) if code else None)

    def read_lead(self, text: str) -> tuple[str | None, str | None]:
        """Return country and organisation of "Norway (Centre (NC) Oslo)". None: not stated.

        The outer brackets are removed.
        """
        text = text.strip()
        if code := self.code_of(text.removesuffix(".")):
            return code, None
        brackets = [place for place, char in enumerate(text[:LONGEST_NAME]) if char == "("]
        for start in reversed(brackets):
            if code := self.code_of(text[:start]):
                inside = text[start + 1 :].removesuffix(".").rstrip()
                return code, inside.removesuffix(")").strip() or None
        if entry := self.read_row(text):
            return entry.country, entry.name
        last = COUNTRY_LAST.search(text, max(0, len(text) - LONGEST_NAME))
        if last and (code := self.code_of(last[1])) and text[: last.start()].strip():
            return code, text[: last.start()].strip()
        return None, text.removesuffix(".").strip() or None
