"""Facets: the choices beside a list, as links with the number of rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

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


def build_facet(
    name: str,
    label: str,
    choices: Sequence[tuple[str, str]],
    counts: Mapping[str, int],
    chosen: list[str],
    address: Callable[[str, list[str]], str],
    fixed_order: bool = False,
) -> Facet:
    """Return a facet with the selected choices first, then the most frequent choices.

    With `fixed_order`, choices keep their order. Choices without rows are omitted unless selected.
    `address` returns the address of the list with other values of a filter.
    """
    facet_choices = [
        FacetChoice(
            value,
            text,
            counts.get(value, 0),
            address(name, [item for item in chosen if item != value] if is_chosen else [value]),
            is_chosen,
            address(name, [*chosen, value]) if chosen and not is_chosen else "",
        )
        for value, text in choices
        for is_chosen in [value in chosen]
        if counts.get(value) or is_chosen
    ]
    if not fixed_order:
        facet_choices.sort(key=lambda choice: (-choice.number, choice.label))
    facet_choices.sort(key=lambda choice: not choice.chosen)
    first, more = facet_choices[:VISIBLE_CHOICES], facet_choices[VISIBLE_CHOICES:]
    return Facet(name, label, chosen, first, more)
