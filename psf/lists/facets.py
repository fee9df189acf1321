"""Facets: the choices beside a list, as links with the number of rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import quote_plus, urlencode

from psf.database.keysets import KeySet, Values


@dataclass(frozen=True)
class FacetSnapshot:
    """A public list as key sets by filter and value, with the choices of the filters."""

    everything: KeySet
    sets: Values
    choices: dict[str, list[tuple[str, str]]]


# Further choices of a facet are shown on demand.
VISIBLE_CHOICES = 8


class FacetChoice(NamedTuple):
    """A value of a facet with the address of the list after a click.

    The click selects a value alone, or removes a selected value. `also` is the address that adds
    the value to the selected values; "" if no value of the facet is selected.
    """

    value: str
    label: str
    number: int
    url: str
    chosen: bool
    also: str


class Facet(NamedTuple):
    """The choices of one filter: selected and most frequent first, further choices in `more`."""

    name: str
    label: str
    chosen: list[str]
    first: list[FacetChoice]
    more: list[FacetChoice]


class Selection:
    """The selected values of a list by filter, and the addresses of similar lists."""

    def __init__(self, values: Mapping[str, list[str]]) -> None:
        self.values = values
        self._parts = {
            name: urlencode({name: selected}, doseq=True) for name, selected in values.items()
        }

    def address(self, name: str, values: list[str]) -> str:
        """Return the address of the list with other values of one filter."""
        own = "&".join(f"{name}={quote_plus(value)}" for value in values)
        return "?" + "&".join(filter(None, (self._parts | {name: own}).values()))


def build_facet(
    name: str,
    label: str,
    choices: Sequence[tuple[str, str]],
    counts: Mapping[str, int],
    selection: Selection,
    fixed_order: bool = False,
) -> Facet:
    """Return a facet with the selected choices first, then the most frequent choices.

    With `fixed_order`, choices keep their order. Choices without rows are omitted unless selected.
    """
    chosen = selection.values.get(name, [])
    facet_choices = [
        _choice(name, value, text, counts.get(value, 0), chosen, selection)
        for value, text in choices
        if counts.get(value) or value in chosen
    ]
    if not fixed_order:
        facet_choices.sort(key=lambda choice: (-choice.number, choice.label))
    facet_choices.sort(key=lambda choice: not choice.chosen)
    first, more = facet_choices[:VISIBLE_CHOICES], facet_choices[VISIBLE_CHOICES:]
    return Facet(name, label, chosen, first, more)


def _choice(
    name: str, value: str, label: str, number: int, chosen: list[str], selection: Selection
) -> FacetChoice:
    if value in chosen:
        url = selection.address(name, [item for item in chosen if item != value])
        return FacetChoice(value, label, number, url, chosen=True, also="")
    also = selection.address(name, [*chosen, value]) if chosen else ""
    url = selection.address(name, [value])
    return FacetChoice(value, label, number, url, chosen=False, also=also)
