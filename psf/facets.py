"""The choices beside a list, with how many rows each would give, as links."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

# So many choices of a facet are shown at once; the others on demand.
SHOWN = 8


class Group(NamedTuple):
    """So many rows with the same values of every facet; of one facet a row may have several."""

    values: dict[str, list[str]]
    number: int


def told_apart(
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


def make_facet(
    name: str,
    label: str,
    choices: Sequence[tuple[str, str]],
    counts: Mapping[str, int],
    query: QueryDict,
    in_order: bool = False,
) -> Facet:
    """The facet of a list with that query; the most frequent choices first, or as they stand.

    What would give nothing is left out, unless it is chosen.
    """
    chosen, address = query.getlist(name), _addresses(name, query)
    found = [
        _choice(value, words, counts.get(value, 0), chosen, address)
        for value, words in choices
        if counts.get(value) or value in chosen
    ]
    if not in_order:
        found.sort(key=lambda choice: (-choice.number, choice.label))
    found.sort(key=lambda choice: not choice.chosen)
    return Facet(name, label, chosen, found[:SHOWN], found[SHOWN:])


def _choice(
    value: str, label: str, number: int, chosen: list[str], address: Callable[[list[str]], str]
) -> Choice:
    if value in chosen:
        url = address([other for other in chosen if other != value])
        return Choice(value, label, number, url, chosen=True, also="")
    also = address([*chosen, value]) if chosen else ""
    return Choice(value, label, number, address([value]), chosen=False, also=also)


def _addresses(name: str, query: QueryDict) -> Callable[[list[str]], str]:
    others = [(other, values) for other, values in query.lists() if other != name]
    before = urlencode(others, doseq=True)

    def address(values: list[str]) -> str:
        pairs = [f"{name}={quote(value, safe='')}" for value in values]
        return "?" + "&".join([before, *pairs] if before else pairs)

    return address


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
    return render_to_string("psf/field_words.html", {"field": field, "show_errors": True})
