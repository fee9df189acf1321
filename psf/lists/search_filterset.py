"""The filters of a list with a full-text search."""

from collections.abc import Iterable
from functools import cached_property

import django_filters
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from psf.database.keysets import KeySet, union
from psf.lists.filterset import ListFilterSet
from psf.search.index import Index
from psf.search.query import Query, parse_query

MAX_SEARCH_LENGTH = 2000  # longer addresses are refused


class SearchFilterSet(ListFilterSet):
    """The order "best" shows the best matches first. Every search has this order by default."""

    q = django_filters.CharFilter(label=_("Search"), max_length=MAX_SEARCH_LENGTH)

    index: Index
    first_order: str
    field_names = ["q", "sort"]

    def __init__(self, query: QueryDict) -> None:
        super().__init__(query)
        if self.data.get("q") or self.data.get("sort") == "best":
            choices = self.filters["sort"].extra["choices"]
            self.filters["sort"].extra["choices"] = [("best", _("best match first")), *choices]

    def order(self) -> str:
        return self.form.cleaned_data["sort"] or ("best" if self._query else self.first_order)

    def groups(self) -> Iterable[KeySet]:
        """Return the matching keys: grouped by rank for the order "best", else in one group."""
        return [group & self.remaining for group in self._matches]

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
        return self.index.matching_keys(self._query, everything, ranked=self.order() == "best")
