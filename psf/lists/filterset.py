"""Filters of lists by address, such as /projects/?country=lv&country=fi&status=running."""

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from operator import and_
from typing import Any, ClassVar

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext, gettext_lazy, gettext_lazy as _

from psf.database.keysets import KeySet, sizes, union
from psf.lists.facets import build_facet
from psf.lists.public_form import FilterForm
from psf.search.index import Index
from psf.search.query import Query, parse_query, suggest_queries
from psf.search.ranking import matching_keys
from psf.text.phrases import in_sentence

UNKNOWN_CHOICE = gettext_lazy("“%(value)s” is not in this list.")
# The filters of all lists. A list that lacks one says so, and other unknown parameters are ignored.
FILTERS = ["q", "call", "country", "kind", "lead", "partner", "priority", "status", "topic", "year"]
FILTERS += ["amount", "members_now", "members_then", "projects", "role", "together"]


class AnyOf(django_filters.MultipleChoiceFilter):
    """A filter for rows with any of the selected values.

    The filter set sets choices that depend on the records.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        choices = kwargs.setdefault("choices", [])
        kwargs["choices"] = [(value, capfirst(label)) for value, label in choices]
        kwargs["error_messages"] = {"invalid_choice": UNKNOWN_CHOICE}
        super().__init__(*args, **kwargs)


class NoFilter(forms.CharField):
    """A filter of other lists, which has no value in this list."""

    widget = forms.HiddenInput

    def __init__(self, label: str) -> None:
        super().__init__(label=label, required=False, validators=[self.refuse])

    def refuse(self, value: str) -> None:
        raise ValidationError(gettext("This list has no such filter."))


class ListFilterSet(django_filters.FilterSet):
    """The filters of one list, which work on key sets.

    A filter of another list is an error. Other unknown parameters are ignored. A value may have
    capital letters, such as country=LV.
    """

    # Filters shown as fields, filters shown as facets, and the facets whose choices are not
    # ordered by frequency. Readers do not see the fields of other filters.
    field_names: Sequence[str] = ()
    facet_names: Sequence[str] = ()
    fixed_order: Sequence[str] = ()
    # What a filter adds to the title of the list. Other filters add their label.
    title_parts: ClassVar[Mapping[str, Any]] = {}

    def get_form_class(self) -> type[FilterForm]:
        """Return a form with the shown fields, and with the fields of other filters in use."""
        hidden = set(self.selected_values).difference(self.field_names, self.facet_names)
        for name in hidden:
            self.filters[name].extra["widget"] = self.filters[name].field_class.hidden_widget
        fields = {
            name: list_filter.field
            for name, list_filter in self.filters.items()
            if name in self.field_names or name in self.selected_values
        }
        others = [name for name in FILTERS if name not in self.filters and self.data.get(name)]
        fields |= {name: NoFilter(label=name) for name in others}
        return type("SelectionForm", (FilterForm,), fields)

    def __init__(self, query: QueryDict) -> None:
        small = query.copy()
        for name in self.base_filters.keys() & query.keys() - {"q"}:
            small.setlist(name, [value.lower() for value in query.getlist(name)])
        super().__init__(small, QuerySet())  # which no filter reads
        self.snapshot = self.load_snapshot()
        for name, values in self.snapshot.choices.items():
            self.filters[name].extra["choices"] = values

    @abstractmethod
    def load_snapshot(self) -> Any:
        """Return the `FacetSnapshot` of all records that readers may see."""

    @abstractmethod
    def result_rows(self) -> Any:
        """Return the rows of the list. A page is a slice of the result."""

    def result_keys(self) -> Iterable[Any]:
        """Return the keys of all rows of the list, in order."""
        return [row.pk for row in self.result_rows()]

    @cached_property
    def remaining(self) -> KeySet:
        """The key set of the records that match all filters."""
        return self._intersect(self.key_sets.values())

    @cached_property
    def key_sets(self) -> dict[str, KeySet]:
        """The key set of each filter in use."""
        return {
            name: self.filter_keys(name, values) for name, values in self.chosen_values().items()
        }

    def filter_keys(self, name: str, values: list[str]) -> KeySet:
        """Return the key set of the records with any of the values."""
        return union(self.snapshot.sets[name].get(value, 0) for value in values)

    def size(self, address: str) -> int:
        """Count the rows of the list with another address, such as "?country=lv"."""
        return type(self)(QueryDict(address.removeprefix("?"))).remaining.bit_count()

    def order_label(self) -> str:
        """The order of the list in words; "" for a list with one order."""
        return ""

    def _intersect(self, sets: Iterable[KeySet]) -> KeySet:
        return reduce(and_, sets, self.snapshot.everything)

    @cached_property
    def facet_counts(self) -> dict[str, dict[str, int]]:
        """The number of rows by facet and value, without the filter of the facet itself."""
        counts = {}
        for name in self.facet_names:
            other_filters = [keys for key, keys in self.key_sets.items() if key != name]
            counts[name] = sizes(self.snapshot.sets[name], self._intersect(other_filters))
        return counts

    def form_with_facets(self) -> FilterForm:
        chosen, form = self.chosen_values(), self.form
        form.facets = [
            build_facet(
                name,
                str(self.filters[name].label),
                [(value, str(text)) for value, text in self.filters[name].extra["choices"]],
                counts,
                chosen.get(name, []),
                self.address_with,
                name in self.fixed_order,
            )
            for name, counts in self.facet_counts.items()
        ]
        return form

    def chosen_values(self) -> dict[str, list[str]]:
        """Return the selected values by filter, without the order; {} if a value is invalid."""
        if not self.form.is_valid():
            return {}
        return {name: values for name, values in self.selected_values.items() if name != "sort"}

    @cached_property
    def selected_values(self) -> dict[str, list[str]]:
        """The values in the address by filter, without unknown parameters and empty values."""
        selected = {}
        for name in self.filters:
            if values := [value for value in self.data.getlist(name) if value]:
                selected[name] = list(dict.fromkeys(values))
        return selected

    def query(self) -> QueryDict:
        """Return the selected values as parameters of an address."""
        query = QueryDict(mutable=True)
        for name, values in self.selected_values.items():
            query.setlist(name, list(values))
        return query

    def address_with(self, name: str, values: list[str]) -> str:
        """Return the address of the list with other values of one filter; wrong values go."""
        query = self.query() if self.is_valid() else QueryDict(mutable=True)
        query.setlist(name, values)
        return f"?{query.urlencode()}"

    def chosen(self) -> list[dict[str, Any]]:
        """Return the filters in use, each with the address of the list without the filter."""
        return [
            {
                "name": self.form.fields[name].label,
                "value": self.value_label(name, value),
                "url": self.address_with(name, [item for item in values if item != value]),
            }
            for name, values in self.chosen_values().items()
            for value in values
        ]

    def narrowed(self) -> str:
        """The filters in use as the end of the title: " with partners from Latvia"."""
        text = ""
        for name, values in self.chosen_values().items():
            labels = [self.value_label(name, value) for value in values]
            if name != "q":
                labels = [in_sentence(label) for label in labels]
            words = {"values": gettext(" or ").join(labels), "label": self.form.fields[name].label}
            part = str(self.title_parts.get(name, _("%(label)s: %(values)s"))) % words
            text += f"{', ' if text or name not in self.title_parts else ' '}{part}"
        return text

    def value_label(self, name: str, value: str) -> str:
        choices = getattr(self.form.fields[name], "choices", [])
        return str(dict(choices).get(value, value))


MAX_SEARCH_LENGTH = 2000  # longer addresses are refused


class SearchFilterSet(ListFilterSet):
    """The order "best" shows the best matches first. Every search has this order by default."""

    q = django_filters.CharFilter(label=_("Search"), max_length=MAX_SEARCH_LENGTH)

    title_parts = {"q": _("matching “%(values)s”")}
    index: Index
    first_order: str
    field_names = ["q", "sort"]

    def __init__(self, query: QueryDict) -> None:
        super().__init__(query)
        if self.data.get("q") or self.data.get("sort") == "best":
            choices = self.filters["sort"].extra["choices"]
            self.filters["sort"].extra["choices"] = [("best", _("best match first")), *choices]

    def order_label(self) -> str:
        return self.value_label("sort", self.order())

    def order(self) -> str:
        return self.form.cleaned_data["sort"] or ("best" if self._query else self.first_order)

    def result_keys(self) -> Iterable[int]:
        return self.result_rows().keys()

    def groups(self) -> Iterable[KeySet]:
        """Return the matching keys: grouped by rank for the order "best", else in one group."""
        return [group & self.remaining for group in self._matches]

    def corrected_texts(self) -> list[str]:
        """The search with other words in place of words that no record has, nearest first."""
        everything = self.snapshot.everything
        queries = self._query and suggest_queries(
            self._query, lambda query: any(matching_keys(self.index, query, everything))
        )
        return [query.text() for query in queries or []]

    def filter_keys(self, name: str, values: list[str]) -> KeySet:
        return union(self._matches) if name == "q" else super().filter_keys(name, values)

    def value_label(self, name: str, value: str) -> str:
        if name == "q" and self._query is None:
            return _("%(text)s (has no word to search for)") % {"text": value}
        if name == "q" and self._query and self._query.is_cut:
            return _("%(text)s (the rest was not searched)") % {"text": self._query.text()}
        return super().value_label(name, value)

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
        return matching_keys(self.index, self._query, everything, ranked=self.order() == "best")
