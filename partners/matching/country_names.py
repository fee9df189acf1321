"""Countries by current and former names in any language."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Self

from partners.models import Country, CountryName
from psf.text.folding import fold

LONGEST_NAME = 100  # characters


class CountryNames:
    """Finds the country of a name, among the names in the database."""

    def __init__(self, names: Iterable[tuple[str, str]], shown: Iterable[tuple[str, str]]) -> None:
        """`names` and `shown` are pairs of code and name. Names in `shown` take precedence."""
        self.shown = dict(shown)
        codes_by_key = defaultdict(set)
        for code, name in names:
            codes_by_key[name_key(name)].add(code)
        self._codes = {key: codes.pop() for key, codes in codes_by_key.items() if len(codes) == 1}
        self._codes |= {name_key(name): code for code, name in self.shown.items()}
        all_names = [*self.shown.values(), *(name for _code, name in names)]
        self._bracketed = {name.casefold() for name in all_names if "(" in name}

    @classmethod
    def from_database(cls) -> Self:
        names = list(CountryName.objects.values_list("country_id", "text"))
        return cls(names, Country.objects.values_list("code", "name"))

    def name_of(self, code: str) -> str:
        return self.shown[code]

    def code_of(self, text: str) -> str | None:
        """The country if the whole text is a name, or a code in capitals."""
        text = text.strip()
        if len(text) > LONGEST_NAME:
            return None
        if ("(" in text or ")" in text) and text.casefold() not in self._bracketed:
            return None
        return self._codes.get(name_key(text)) or (text if text in self.shown else None)


def name_key(text: str) -> str:
    return fold(text.replace("&", " and ")).removeprefix("the ")
