"""What to try when a list comes out empty: another spelling, or one filter less."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Count, IntegerField, QuerySet, Value
from django.utils.translation import gettext as _

from psf.search.query import Query, parse_query
from psf.search.spelling import suggest_queries

if TYPE_CHECKING:
    from psf.lists.filterset import ListFilter

MOST_OFFERS = 3


class Offer(NamedTuple):
    """Another list: what it is in words, how many rows it has, and where it is."""

    text: str
    number: int
    url: str


class Tried(NamedTuple):
    """Another list: with these filters only, and with that query if `q` is among them."""

    names: list[str]
    query: Query


def offers(filterset: "ListFilter") -> list[Offer]:
    """Lists near to the empty one that have rows: of another spelling first, then the longest."""
    query = parse_query(filterset.form.cleaned_data.get("q") or "")
    chosen = [name for name in filterset.query() if name != "sort"]
    meant = suggest_queries(query) if query.required else []
    tried = [Tried(chosen, meaning) for meaning in meant]
    # Without the only one it is the whole list, to which a link leads anyway.
    spare = chosen if len(chosen) > 1 else []
    tried += [Tried([other for other in chosen if other != name], query) for name in spare]
    numbers = filterset.sizes(tried)
    texts = [(meaning.text(), {"q": meaning.text()}) for meaning in meant]
    texts += [(_without(filterset, name), {name: ""}) for name in spare]
    found = [
        (place, Offer(text, numbers[place], _address(filterset, changed)))
        for place, (text, changed) in enumerate(texts)
        if numbers[place]
    ]
    spelt = [offer for place, offer in found if place < len(meant)]
    fewer = [offer for place, offer in found if place >= len(meant)]
    return [*spelt[:1], *sorted(fewer, key=lambda offer: -offer.number)[:MOST_OFFERS]]


def sizes_of(filterset: "ListFilter", tried: Iterable[Tried]) -> list[int]:
    """How many rows each of the lists has, in one query."""
    lists = [_narrowed(filterset, each) for each in tried]
    counts = [
        rows.model._base_manager.filter(pk__in=rows.order_by().values("pk"))
        .order_by()
        .annotate(place=Value(place, output_field=IntegerField()))
        .values("place")
        .annotate(number=Count("pk"))
        .values_list("place", "number")
        for place, rows in enumerate(lists)
    ]
    found = dict(counts[0].union(*counts[1:], all=True) if counts else [])
    return [found.get(place, 0) for place in range(len(lists))]


def _narrowed(filterset: "ListFilter", tried: Tried) -> QuerySet:
    rows: Any = filterset.queryset
    for name in tried.names:
        rows = filterset.filters[name].filter(rows, filterset.form.cleaned_data[name])
    return rows


def _without(filterset: "ListFilter", name: str) -> str:
    values = [filterset.value_in_words(name, value) for value in filterset.query().getlist(name)]
    chosen = {"name": filterset.form.fields[name].label, "values": ", ".join(values)}
    return _("without “%(name)s: %(values)s”") % chosen


def _address(filterset: "ListFilter", changed: dict[str, str]) -> str:
    query = filterset.query()
    for name, value in changed.items():
        query.setlist(name, [value] if value else [])
    return f"?{query.urlencode()}"
