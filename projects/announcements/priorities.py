"""Finds priorities in a line or a text."""

import re
from collections.abc import Iterable

from psf.text.folding import fold

LONG_TERM = ["Regional Identity", "Sustainable and Prosperous Region", "Safe and Secure Region"]
LONGEST = 2000  # characters of a line that lists priorities
JOINT = re.compile(r"\s{0,9}[,;/]\s{0,9}")
ENDS = re.compile(r"\A(?:and\b|&)\s{0,9}|\s{0,9}(?:\band|&)\Z", re.IGNORECASE)


def _key(text: str) -> str:
    return fold(text.replace("&", " and "))


class Priorities:
    """Priorities by name: the recorded ones and the three long-term priorities."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = {_key(name): name for name in [*LONG_TERM, *names]}
        longest_first = sorted(filter(None, self.names), key=len, reverse=True)
        self._pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b")

    def named_in(self, text: str) -> list[str]:
        """Return the distinct known priorities in the text, in order."""
        keys = self._pattern.findall(_key(text[:LONGEST]))
        return list(dict.fromkeys(self.names[key] for key in keys))

    def are_all_of(self, text: str) -> bool:
        """Whether the text consists of known priorities only: "Safe & Secure Region"."""
        other_words = self._pattern.sub(" ", _key(text[:LONGEST])).split()
        return bool(self.named_in(text)) and set(other_words) <= {"and"}

    def read(self, value: str) -> list[str]:
        """Split "Safe and Secure Region & Regional Identity" into names. Unknown names are kept.

        Without a known priority, the whole line is one name.
        """
        value = value.strip().removesuffix(".").strip(" \u00a0\u2018\u2019“”\"'")
        known_name = self.names.get(_key(value))
        if known_name or not self.named_in(value):
            return [known_name or value] if fold(value) else []
        other_names = [
            ENDS.sub("", part.strip()) for part in JOINT.split(self._without_known(value[:LONGEST]))
        ]
        return [*self.named_in(value), *filter(fold, other_names)]

    def _without_known(self, value: str) -> str:
        for name in self.named_in(value):
            words = [re.escape(word) for word in name.split()]
            joined = r"\s{1,9}".join("(?:and|&)" if word == "and" else word for word in words)
            value = re.sub(joined, ",", value, flags=re.IGNORECASE)
        return value
