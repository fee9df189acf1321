"""Lists that readers narrow by their address: /projects/?country=lv&country=fi&status=running."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, cast

import django_filters
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import get_language

from psf.caching.memo import cached_until_change
from psf.lists.empty_results import Tried, sizes_of
from psf.lists.facets import Asked, Facets, build_facet, with_links
from psf.lists.filter_form import FilterForm


class AnyOf(django_filters.MultipleChoiceFilter):
    """Rows for which any of the chosen values holds.

    Choices that depend on the records are set by the filter set, when it is asked.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        choices = kwargs.setdefault("choices", [])
        kwargs["choices"] = [(value, capfirst(label)) for value, label in choices]
        super().__init__(*args, **kwargs)

    def filter(self, qs: QuerySet, value: list[str]) -> QuerySet:
        return qs.filter(**{f"{self.field_name}__in": value}) if value else qs


class ListFilter(django_filters.FilterSet):
    """The filters of one list. Parameters that it does not know are left aside."""

    # Filters whose choices stand as links with their counts; and those of them that keep the
    # order of their choices, where others have the most frequent first.
    facet_names: Sequence[str] = ()
    in_order: Sequence[str] = ()

    class Meta:
        form = FilterForm

    def sizes(self, tried: Sequence[Tried]) -> list[int]:
        """How many rows each of those other lists has."""
        return sizes_of(self, tried)

    def listed(self) -> Any:
        """The rows of the list, of which a page is a slice."""
        return self.qs

    @abstractmethod
    def total(self) -> int:
        """How many rows there are before any filter."""

    def found(self) -> int:
        """How many rows the filters leave."""
        return self.numbers[""].get("", 0)

    @cached_property
    def numbers(self) -> Mapping[str, Mapping[str, int]]:
        """What `counts()` gives, asked for once."""
        return self.counts()

    @abstractmethod
    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """For each facet how many rows each value would give; under "" those that are found."""

    def facets(self) -> Facets:
        """The choices of each facet, with their counts and addresses.

        Those of the whole list stand beside all of its pages, and are made once.
        """
        if not self.form.is_valid() or self.chosen_values():
            return self._facets()
        key = ("facets", type(self).__qualname__, self.query().urlencode())
        return cached_until_change(key, self._facets)

    def _facets(self) -> Facets:
        counts, facets = self.numbers, []
        asked = Asked(self.asked if self.form.is_valid() else {})
        words = _words_of(cast(Any, type(self)), get_language())
        for name in self.facet_names:
            label, choices = words[name]
            choices = choices or self.filters[name].extra["choices"]
            in_order = name in self.in_order
            facets.append(build_facet(name, label, choices, counts[name], asked, in_order))
        return with_links(facets, self.form)

    def chosen_values(self) -> dict[str, list[str]]:
        """What narrows the list, by filter; the order does not, nor does what no filter takes."""
        if not self.form.is_valid():
            return {}
        return {name: values for name, values in self.asked.items() if name != "sort"}

    @cached_property
    def asked(self) -> dict[str, list[str]]:
        """What was asked for, without what the list does not know and what is empty."""
        found = {}
        for name in self.filters:
            if values := [value for value in self.data.getlist(name) if value]:
                found[name] = list(dict.fromkeys(values))
        return found

    def query(self) -> QueryDict:
        """What was asked for, as it stands in an address."""
        query = QueryDict(mutable=True)
        for name, values in self.asked.items():
            query.setlist(name, list(values))
        return query

    def chosen(self) -> list[dict[str, Any]]:
        """The filters in use, each with the address of the list without it."""
        return [
            {
                "name": self.form.fields[name].label,
                "value": self.value_in_words(name, value),
                "url": self._address_without(name, value),
            }
            for name, values in self.chosen_values().items()
            for value in values
        ]

    def value_in_words(self, name: str, value: str) -> str:
        choices = getattr(self.form.fields[name], "choices", [])
        return str(dict(choices).get(value, value))

    def _address_without(self, name: str, value: str) -> str:
        query = self.query()
        query.setlist(name, [other for other in query.getlist(name) if other != value])
        return f"?{query.urlencode()}"


@cache
def _words_of(filters: Any, language: str | None) -> dict[str, tuple[str, Any]]:
    """What each facet is called, and its choices where they do not depend on the records."""
    return {
        name: (str(each.label), [(value, str(label)) for value, label in each.extra["choices"]])
        for name, each in filters.base_filters.items()
        if name in filters.facet_names
    }
