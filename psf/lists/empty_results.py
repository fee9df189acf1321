"""Offers for an empty list: another spelling, or one filter less."""

from typing import NamedTuple

from django.utils.translation import gettext as _

from psf.lists.filterset import Alternative, ListFilterSet
from psf.search.query import Query, parse_query
from psf.search.spelling import suggest_queries

MAX_OFFERS = 3


class Offer(NamedTuple):
    """Another list: description, number of rows and address."""

    text: str
    number: int
    url: str


def build_offers(filterset: ListFilterSet) -> list[Offer]:
    """Return similar lists with rows: another spelling, then the longest with one filter less."""

    def is_found(query: Query) -> bool:
        return filterset.size(Alternative(["q"], query)) > 0

    query = parse_query(filterset.form.cleaned_data.get("q") or "")
    names = [name for name in filterset.query() if name != "sort"]
    corrected = suggest_queries(query, is_found)
    alternatives = [Alternative(names, suggestion) for suggestion in corrected]
    # The page already links to the full list, so a single filter is not offered for removal.
    removable = names if len(names) > 1 else []
    alternatives += [Alternative([n for n in names if n != name], query) for name in removable]
    numbers = [filterset.size(alternative) for alternative in alternatives]
    texts = [(suggestion.text(), {"q": suggestion.text()}) for suggestion in corrected]
    texts += [(_without(filterset, name), {name: ""}) for name in removable]
    offers = [
        (place, Offer(text, numbers[place], _address(filterset, changes)))
        for place, (text, changes) in enumerate(texts)
        if numbers[place]
    ]
    spelling = [offer for place, offer in offers if place < len(corrected)]
    fewer = [offer for place, offer in offers if place >= len(corrected)]
    return [*spelling[:1], *sorted(fewer, key=lambda offer: -offer.number)[:MAX_OFFERS]]


def _without(filterset: ListFilterSet, name: str) -> str:
    values = [filterset.value_label(name, value) for value in filterset.query().getlist(name)]
    chosen = {"name": filterset.form.fields[name].label, "values": ", ".join(values)}
    return _("without “%(name)s: %(values)s”") % chosen


def _address(filterset: ListFilterSet, changes: dict[str, str]) -> str:
    query = filterset.query()
    for name, value in changes.items():
        query.setlist(name, [value] if value else [])
    return f"?{query.urlencode()}"
