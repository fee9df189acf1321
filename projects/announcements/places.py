"""Reads countries with organisations: a row, a list of countries, the headline of a project."""

import re
from itertools import islice
from typing import NamedTuple

from partners.matching.country_names import LONGEST_NAME, CountryNames, name_key

WORDS_OF_A_NAME = 8
LONGEST_LIST = 2000  # characters
SEPARATOR = re.compile(r"\s{0,9}:\s{0,9}|\s{0,9}[–—]\s{0,9}|\s{1,9}-\s{0,9}|-\s{1,9}|\t{1,9}")
COUNTRY_LAST = re.compile(r"\s{0,9}\(([^()]{2,60})\)[\s.,;]{0,9}\Z")
WORD = re.compile(r"[^\s,;/]+|[,;/]")
BETWEEN = {"", "and", "the", "as", "well", "also"}
WITH = re.compile(r"[\s,]{1,9}in\s{1,9}partnership\s{1,9}with[:\s]{1,9}", re.IGNORECASE)
MOST_WITH = 12  # occurrences of "in partnership with" examined in one line


class Countries(NamedTuple):
    """The distinct codes of a list of countries, in order, and the words that name no country."""

    codes: list[str]
    unknown: list[str]


class PartnerEntry(NamedTuple):
    """A country and an organisation. None: not stated."""

    country: str | None
    name: str | None = None


class Places(CountryNames):
    """Finds countries and the names beside them."""

    def read_list(self, text: str) -> Countries:
        """Read a list such as "Latvia, Sweden, and Russia." in any punctuation."""
        words = WORD.findall(text[:LONGEST_LIST].strip().removesuffix("."))
        codes: list[str] = []
        unknown = []
        while words:
            length, code = self._longest_name(words)
            if code:
                codes.append(code)
            elif name_key(words[0]) not in BETWEEN or "(" in words[0] or ")" in words[0]:
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
        """Read "Latvia: Association", "Lithuania –  Museum," or "Poland"; None for other lines.

        Rows with a dash often end in a stray comma, which is not part of the name.
        """
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

    def read_headline(self, text: str) -> tuple[PartnerEntry, Countries]:
        """Read "Latvia (Municipal Police) in partnership with Finland and Lithuania".

        A name may contain "in partnership with". The last occurrence before a list of countries
        alone counts, or else the last occurrence before any country.
        """
        partly = None
        for match in reversed(list(WITH.finditer(text))[-MOST_WITH:]):
            tail = text[match.end() :]
            countries = self.read_list(tail)
            headline = self._read_lead(text[: match.start()]), countries
            if countries.codes and not countries.unknown:
                return headline
            is_open = not tail.rstrip(". \u00a0").endswith(")")  # otherwise a name may end there
            if countries.codes and not partly and is_open:
                partly = headline
        return partly or (self._read_lead(text), Countries([], []))

    def _read_lead(self, text: str) -> PartnerEntry:
        """Read "Norway (Centre (NC) Oslo)". The outer brackets are removed."""
        text = text.strip()
        if code := self.code_of(text.removesuffix(".")):
            return PartnerEntry(code)
        brackets = [place for place, char in enumerate(text[:LONGEST_NAME]) if char == "("]
        for start in reversed(brackets):
            if code := self.code_of(text[:start]):
                inside = text[start + 1 :].removesuffix(".").rstrip()
                return PartnerEntry(code, inside.removesuffix(")").strip() or None)
        if entry := self.read_row(text):
            return entry
        last = COUNTRY_LAST.search(text, max(0, len(text) - LONGEST_NAME))
        if last and (code := self.code_of(last[1])) and text[: last.start()].strip():
            return PartnerEntry(code, text[: last.start()].strip())
        return PartnerEntry(None, text.removesuffix(".").strip() or None)
