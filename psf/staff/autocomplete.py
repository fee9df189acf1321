"""What staff are offered while they choose a record: the best matches first."""

from typing import Any

from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.db.models import QuerySet

from psf.database.keysets import keys_of
from psf.database.sql import in_keys
from psf.search.query import Query, parse_query

# Nobody scrolls so far.
LAST_PAGE = 1000


class Rows:
    """The rows of a query with these keys, in this order; only those that are shown are read."""

    def __init__(self, rows: QuerySet, keys: list[Any]) -> None:
        self.rows, self.keys = rows, keys

    def __len__(self) -> int:
        return len(self.keys)

    def __getitem__(self, part: slice) -> list[Any]:
        found = self.rows.in_bulk(self.keys[part])
        return [found[key] for key in self.keys[part] if key in found]


class Suggestions(AutocompleteJsonView):
    """Django's, which would count and put in order all that match to show the first of them."""

    paginate_by: int

    def get_queryset(self) -> Any:
        query = parse_query(self.term)
        rows = self.model_admin.get_queryset(self.request)
        if not query.required or not hasattr(rows, "index"):
            return super().get_queryset()
        rows = rows.complex_filter(self.source_field.get_limit_choices_to())
        return Rows(rows, self._first_keys(rows, query))

    def _first_keys(self, rows: Any, query: Query) -> list[Any]:
        """As far as they are shown, and one more, which tells that another page follows."""
        page = self.request.GET.get(self.page_kwarg, "")
        number = self.paginate_by * (min(int(page), LAST_PAGE) if page.isdecimal() else 1) + 1
        keys: list[Any] = []
        for group in rows.index.ranked_groups(query):
            some = rows.filter(pk__in=in_keys(rows.model, keys_of(group)))
            keys += some.values_list("pk", flat=True)[: number - len(keys)]
            if len(keys) == number:
                break
        return keys
