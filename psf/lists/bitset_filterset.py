"""Filters of lists of which every value leaves a set of keys (`psf.database.keysets`)."""

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import and_
from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _

from psf.database.keysets import Values, are_few, keys_of, sizes, sizes_of_few, union
from psf.lists.empty_results import Tried
from psf.lists.filterset import ListFilter
from psf.search.index import Index
from psf.search.query import Query, parse_query
from psf.search.ranking import RankedKeys

LONGEST_SEARCH = 2000  # an address has no room for more


@dataclass(frozen=True)
class FacetSnapshot:
    """A whole public list: its sets by the values of addresses, and the choices of readers."""

    everything: int
    sets: Values
    choices: dict[str, list[tuple[str, str]]]

    @cached_property
    def counts(self) -> dict[str, dict[str, int]]:
        """How many of the list each value has; under "" how many there are."""
        found = {name: sizes(each, self.everything) for name, each in self.sets.items()}
        return {"": {"": self.everything.bit_count()}} | found

    def sizes(self, part: int, names: Iterable[str]) -> dict[str, dict[str, int]]:
        """By each of those filters, how many of a part of the list have each value."""
        if not are_few(part):
            return {name: sizes(self.sets[name], part) for name in names}
        keys = keys_of(part)
        return {name: sizes_of_few(self._bytes[name], keys) for name in names}

    @cached_property
    def _bytes(self) -> dict[str, dict[str, bytes]]:
        # All are as long as the longest: the list of lead partners has less keys than its sets.
        all_sets = [
            self.everything,
            *(keys for each in self.sets.values() for keys in each.values()),
        ]
        length = max(keys.bit_length() for keys in all_sets) // 8 + 1
        return {
            name: {value: keys.to_bytes(length, "little") for value, keys in values.items()}
            for name, values in self.sets.items()
        }


class BitsetFilterSet(ListFilter):
    """The filters of a list that is searched and cut in sets: the database is asked for no count.

    In the order "best" what matches a text best comes first; it is that of every search for which
    no other one is chosen.
    """

    q = django_filters.CharFilter(label=_("Words"), max_length=LONGEST_SEARCH)

    index: Index
    first_order: str

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.whole = self.whole_list()
        if self.data.get("q") or self.data.get("sort") == "best":
            choices = self.filters["sort"].extra["choices"]
            self.filters["sort"].extra["choices"] = [("best", _("best match first")), *choices]
        for name, values in self.whole.choices.items():
            self.filters[name].extra["choices"] = values

    @abstractmethod
    def whole_list(self) -> Any:
        """The `FacetSnapshot` of everything that readers may see."""

    def total(self) -> int:
        return self.whole.everything.bit_count()

    def counts(self) -> dict[str, dict[str, int]]:
        chosen = self.chosen_sets
        if not chosen:
            return self.whole.counts
        others = [name for name in self.facet_names if name not in chosen]
        counts = {"": {"": self.left.bit_count()}} | self.whole.sizes(self.left, others)
        for name in {*self.facet_names} & {*chosen}:
            counts |= self.whole.sizes(self._without(name), [name])
        return counts

    def order(self) -> str:
        return self.form.cleaned_data["sort"] or ("best" if self._query else self.first_order)

    def groups(self) -> Iterable[int]:
        """What all filters leave, for the order "best" the best matches apart and first."""
        return self._found.within(self.left) if self.order() == "best" else [self.left]

    def sizes(self, tried: Sequence[Tried]) -> list[int]:
        return [self._size(each) for each in tried]

    def _size(self, tried: Tried) -> int:
        sets = [self.chosen_sets[name] for name in tried.names if name != "q"]
        if "q" in tried.names and not tried.query.is_empty():
            sets.append(self.index.matching_keys(tried.query, self.whole.everything).keys)
        return self._in_all(sets).bit_count()

    @cached_property
    def left(self) -> int:
        """The set of what all filters leave."""
        return self._in_all(self.chosen_sets.values())

    def _without(self, name: str) -> int:
        return self._in_all(keys for other, keys in self.chosen_sets.items() if other != name)

    def _in_all(self, sets: Iterable[int]) -> int:
        return reduce(and_, sets, self.whole.everything)

    @cached_property
    def chosen_sets(self) -> dict[str, int]:
        """For each filter in use the set of what it leaves."""
        return {name: self.keys_of(name, values) for name, values in self.chosen_values().items()}

    def keys_of(self, name: str, values: list[str]) -> int:
        """What has one of the values of a filter; where that is the text, what it finds."""
        if name == "q":
            return self._found.keys
        return union(self.whole.sets[name].get(value, 0) for value in values)

    @cached_property
    def _query(self) -> Query | None:
        """What the text asks for, if it asks for anything."""
        query = parse_query(self.form.cleaned_data["q"])
        return None if query.is_empty() else query

    @cached_property
    def _found(self) -> RankedKeys:
        """What the text finds."""
        everything = self.whole.everything
        if self._query is None:
            return RankedKeys(everything)
        return self.index.matching_keys(self._query, everything, ranked=self.order() == "best")
