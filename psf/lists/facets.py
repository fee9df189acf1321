"""The choices beside a list, with how many rows each would give, as links."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

# So many choices of a facet are shown at once; the others on demand.
SHOWN = 8


class Group(NamedTuple):
    """So many rows with the same values of every facet; of one facet a row may have several."""

    values: dict[str, list[str]]
    number: int


def count_facets(
    groups: Iterable[Group], names: Collection[str], chosen: Mapping[str, Collection[str]]
) -> dict[str, Counter[str]]:
    """How many rows each value of those facets would give.

    Counted as if nothing of the same facet were chosen. Under "" stands, for "", how many rows
    all filters leave.
    """
    found: dict[str, Counter[str]] = {name: Counter() for name in ["", *names]}
    for values, number in groups:
        missed = [
            name for name in names if name in chosen and not {*values[name]} & {*chosen[name]}
        ]
        for name in names if not missed else missed if len(missed) == 1 else []:
            for value in values[name]:
                found[name][value] += number
        if not missed:
            found[""][""] += number
    return found


class Choice(NamedTuple):
    """A value, and the list that choosing it gives; of a chosen one, the list without it.

    `also` is the list with this value besides those that are chosen, "" where none is.
    """

    value: str
    label: str
    number: int
    url: str
    chosen: bool
    also: str


class Facet(NamedTuple):
    """The choices of one filter: the chosen and most frequent ones, and the others."""

    name: str
    label: str
    chosen: list[str]
    first: list[Choice]
    more: list[Choice]


class Asked:
    """What a list was asked for, by filter, and the addresses of the lists near to it."""

    def __init__(self, values: Mapping[str, list[str]]) -> None:
        self.values = values
        self._parts = {name: urlencode({name: found}, doseq=True) for name, found in values.items()}

    def address(self, name: str, values: list[str]) -> str:
        """The list with these values of one filter, which stand last, in place of those it has."""
        kept = [part for other, part in self._parts.items() if other != name]
        return "?" + "&".join([*kept, *(_pair(name, value) for value in values)])


@lru_cache(maxsize=1000)
def _pair(name: str, value: str) -> str:
    """A value in an address, of which the lists name the same few again and again."""
    return f"{name}={quote(value, safe='')}"


def build_facet(
    name: str,
    label: str,
    choices: Sequence[tuple[str, str]],
    counts: Mapping[str, int],
    asked: Asked,
    in_order: bool = False,
) -> Facet:
    """The facet of a list; the most frequent choices first, or as they stand.

    What would give nothing is left out, unless it is chosen.
    """
    chosen = asked.values.get(name, [])
    found = [
        _choice(name, value, words, counts.get(value, 0), chosen, asked)
        for value, words in choices
        if counts.get(value) or value in chosen
    ]
    if not in_order:
        found.sort(key=lambda choice: (-choice.number, choice.label))
    found.sort(key=lambda choice: not choice.chosen)
    return Facet(name, label, chosen, found[:SHOWN], found[SHOWN:])


def _choice(
    name: str, value: str, label: str, number: int, chosen: list[str], asked: Asked
) -> Choice:
    if value in chosen:
        url = asked.address(name, [other for other in chosen if other != value])
        return Choice(value, label, number, url, chosen=True, also="")
    also = asked.address(name, [*chosen, value]) if chosen else ""
    return Choice(value, label, number, asked.address(name, [value]), chosen=False, also=also)


class Facets(NamedTuple):
    """The facets of a list, and as they stand in its form."""

    each: Sequence[Facet] = ()
    html: SafeString = SafeString()


def with_links(facets: Sequence[Facet], form: Any) -> Facets:
    facts = {"facets": facets, "form": form, "mistakes_in": _mistakes_in}
    return Facets(facets, SafeString(render_to_string("_facets.html", facts)))


def _mistakes_in(field: Any) -> str:
    if not field.errors:
        return ""
    return render_to_string("forms/field_words.html", {"field": field, "show_errors": True})
