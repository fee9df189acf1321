"""Offers for an empty list: another spelling, two words as one, or one word or filter less."""

from collections.abc import Iterable
from itertools import islice
from typing import NamedTuple

from django.utils.translation import gettext as _

from psf.lists.filterset import ListFilterSet, SearchFilterSet
from psf.search.query import (
    Query,
    parse_query,
    suggest_queries,
    with_joined_words,
    with_one_word_less,
)

MAX_OFFERS = 3


class Offer(NamedTuple):
    """Another list: description, number of rows and address."""

    text: str
    number: int
    url: str


def build_offers(filterset: ListFilterSet) -> list[Offer]:
    """Return similar lists with rows: another spelling, then the longest with one part less.

    A part is a word of a short search, or a filter.
    """

    def offer(text: str, name: str, values: list[str]) -> Offer:
        url = filterset.address_with(name, values)
        return Offer(text, filterset.size(url), url)

    def is_found(query: Query) -> bool:
        assert isinstance(filterset, SearchFilterSet)
        return any(filterset.index.matching_keys(query, filterset.snapshot.everything))

    searched = parse_query(filterset.form.cleaned_data.get("q") or "")
    texts = [query.text() for query in suggest_queries(searched, is_found)]
    corrected = (offer(text, "q", [text]) for text in texts)
    joined = (offer(one.text(), "q", [one.text()]) for one in with_joined_words(searched))
    fewer_words = (offer(one.text(), "q", [one.text()]) for one in with_one_word_less(searched))
    # The page already links to the full list, so a single filter is not offered for removal.
    names = [*filterset.chosen_values()]
    removable = names if len(names) > 1 else []
    fewer_filters = (offer(_without(filterset, name), name, []) for name in removable)
    nearest = islice((one for one in corrected if one.number), 1)
    return [*nearest, *_longest(joined), *_longest(fewer_words), *_longest(fewer_filters)]


def _longest(offers: Iterable[Offer]) -> list[Offer]:
    with_rows = (offer for offer in offers if offer.number)
    return sorted(with_rows, key=lambda offer: -offer.number)[:MAX_OFFERS]


def _without(filterset: ListFilterSet, name: str) -> str:
    values = [filterset.value_label(name, value) for value in filterset.query().getlist(name)]
    chosen = {"name": filterset.form.fields[name].label, "values": ", ".join(values)}
    return _("without “%(name)s: %(values)s”") % chosen
