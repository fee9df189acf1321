"""The long-term priorities that a line or a text names."""

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
    """Priorities by their names: those in the database, and the three of the CBSS."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = {_key(name): name for name in [*LONG_TERM, *names]}
        longest_first = sorted(filter(None, self.names), key=len, reverse=True)
        self._pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b")

    def named_in(self, text: str) -> list[str]:
        """The known priorities in a text, in its order, each once."""
        found = self._pattern.findall(_key(text[:LONGEST]))
        return list(dict.fromkeys(self.names[key] for key in found))

    def are_all_of(self, text: str) -> bool:
        """Whether nothing but known priorities stands in the text: "Safe & Secure Region"."""
        others = self._pattern.sub(" ", _key(text[:LONGEST])).split()
        return bool(self.named_in(text)) and set(others) <= {"and"}

    def read(self, value: str) -> list[str]:
        """ "Safe and Secure Region & Regional Identity": the known ones, and others as they stand.

        Without a known one among them the whole line is the name of one.
        """
        value = value.strip().removesuffix(".").strip(" \u00a0\u2018\u2019“”\"'")
        whole = self.names.get(_key(value))
        if whole or not self.named_in(value):
            return [whole or value] if fold(value) else []
        others = [
            ENDS.sub("", part.strip()) for part in JOINT.split(self._without_known(value[:LONGEST]))
        ]
        return [*self.named_in(value), *filter(fold, others)]

    def _without_known(self, value: str) -> str:
        for name in self.named_in(value):
            words = [re.escape(word) for word in name.split()]
            joined = r"\s{1,9}".join("(?:and|&)" if word == "and" else word for word in words)
            value = re.sub(joined, ",", value, flags=re.IGNORECASE)
        return value
