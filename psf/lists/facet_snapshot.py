"""A public list as key sets (`psf.database.keysets`): counted without database queries."""

from collections.abc import Iterable
from dataclasses import dataclass

from psf.database.keysets import KeySet, Values, sizes


@dataclass(frozen=True)
class FacetSnapshot:
    """A public list as key sets by filter and value, with the choices of the filters."""

    everything: KeySet
    sets: Values
    choices: dict[str, list[tuple[str, str]]]

    def sizes(self, part: KeySet, names: Iterable[str]) -> dict[str, dict[str, int]]:
        """Count the keys of the key set `part` by value, for each of the filters."""
        return {name: sizes(self.sets[name], part) for name in names}
