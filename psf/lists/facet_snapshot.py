"""A public list as key sets (`psf.database.keysets`): counted without database queries."""

from dataclasses import dataclass

from psf.database.keysets import KeySet, Values


@dataclass(frozen=True)
class FacetSnapshot:
    """A public list as key sets by filter and value, with the choices of the filters."""

    everything: KeySet
    sets: Values
    choices: dict[str, list[tuple[str, str]]]
