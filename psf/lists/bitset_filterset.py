"""Filters that work on key sets (`psf.database.keysets`) instead of database queries."""

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import and_
from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _

from psf.database.keysets import KeySet, Values, sizes, union
from psf.lists.filterset import Alternative, ListFilterSet
from psf.search.index import Index
from psf.search.query import Query, parse_query

MAX_SEARCH_LENGTH = 2000  # longer addresses are refused


@dataclass(frozen=True)
class FacetSnapshot:
    """A public list as key sets by filter and value, with the choices of the filters."""

    everything: int
    sets: Values
    choices: dict[str, list[tuple[str, str]]]

    @cached_property
    def counts(self) -> dict[str, dict[str, int]]:
        """The number of keys by filter and value. The entry "" of "" counts all keys."""
        counts = {name: sizes(values, self.everything) for name, values in self.sets.items()}
        return {"": {"": self.everything.bit_count()}} | counts

    def sizes(self, part: int, names: Iterable[str]) -> dict[str, dict[str, int]]:
        """Count the keys of the key set `part` by value, for each of the filters."""
        return {name: sizes(self.sets[name], part) for name in names}


class BitsetFilterSet(ListFilterSet):
    """The filters of a list with a full-text search, counted without database queries.

    The order "best" shows the best matches first. Every search has this order by default.
    """

    q = django_filters.CharFilter(label=_("Search"), max_length=MAX_SEARCH_LENGTH)

    index: Index
    first_order: str

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.snapshot = self.load_snapshot()
        if self.data.get("q") or self.data.get("sort") == "best":
            choices = self.filters["sort"].extra["choices"]
            self.filters["sort"].extra["choices"] = [("best", _("best match first")), *choices]
        for name, values in self.snapshot.choices.items():
            self.filters[name].extra["choices"] = values

    @abstractmethod
    def load_snapshot(self) -> Any:
        """Return the `FacetSnapshot` of all records that readers may see."""

    def total(self) -> int:
        return self.snapshot.everything.bit_count()

    def counts(self) -> dict[str, dict[str, int]]:
        if not self.key_sets:
            return self.snapshot.counts
        unused = [name for name in self.facet_names if name not in self.key_sets]
        counts = {"": {"": self.remaining.bit_count()}}
        counts |= self.snapshot.sizes(self.remaining, unused)
        for name in {*self.facet_names} & {*self.key_sets}:
            counts |= self.snapshot.sizes(self._without(name), [name])
        return counts

    def order(self) -> str:
        return self.form.cleaned_data["sort"] or ("best" if self._query else self.first_order)

    def groups(self) -> Iterable[int]:
        """Return the matching keys: grouped by rank for the order "best", else in one group."""
        return [group & self.remaining for group in self._matches]

    def sizes(self, alternatives: Sequence[Alternative]) -> list[int]:
        return [self._size(alternative) for alternative in alternatives]

    def _size(self, alternative: Alternative) -> int:
        sets = [self.key_sets[name] for name in alternative.names if name != "q"]
        if "q" in alternative.names and not alternative.query.is_empty():
            sets += self.index.matching_keys(alternative.query, self.snapshot.everything)
        return self._intersect(sets).bit_count()

    @cached_property
    def remaining(self) -> int:
        """The key set of the records that match all filters."""
        return self._intersect(self.key_sets.values())

    def _without(self, name: str) -> int:
        return self._intersect(keys for key, keys in self.key_sets.items() if key != name)

    def _intersect(self, sets: Iterable[int]) -> int:
        return reduce(and_, sets, self.snapshot.everything)

    @cached_property
    def key_sets(self) -> dict[str, int]:
        """The key set of each filter in use."""
        return {
            name: self.filter_keys(name, values) for name, values in self.chosen_values().items()
        }

    def filter_keys(self, name: str, values: list[str]) -> int:
        """Return the key set of the records with any of the values, or that match the search."""
        if name == "q":
            return union(self._matches)
        return union(self.snapshot.sets[name].get(value, 0) for value in values)

    @cached_property
    def _query(self) -> Query | None:
        """The parsed search text, or None if the text contains no term."""
        query = parse_query(self.form.cleaned_data["q"])
        return None if query.is_empty() else query

    @cached_property
    def _matches(self) -> list[KeySet]:
        """The matches of the search text, by rank in the order "best"; all records without text."""
        everything = self.snapshot.everything
        if self._query is None:
            return [everything]
        return self.index.matching_keys(self._query, everything, ranked=self.order() == "best")
