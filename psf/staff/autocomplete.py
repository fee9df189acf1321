"""Suggestions while staff choose a record: the best matches first."""

from typing import Any, cast

from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.db.models import QuerySet

from psf.database.keysets import keys_of
from psf.database.sql import in_keys
from psf.search.query import Query, parse_query

# No one scrolls further.
LAST_PAGE = 1000


class Rows:
    """Rows by their keys, in order. Only the rows of a slice are loaded."""

    def __init__(self, rows: QuerySet, keys: list[int]) -> None:
        self.rows, self.keys = rows, keys

    def __len__(self) -> int:
        return len(self.keys)

    def __getitem__(self, part: slice) -> list[Any]:
        rows = self.rows.in_bulk(self.keys[part])
        return [rows[key] for key in self.keys[part] if key in rows]


class Suggestions(AutocompleteJsonView):
    """Load only the page of suggestions. Django's view counts and sorts all matches."""

    paginate_by: int

    def get_queryset(self) -> Any:
        query = parse_query(self.term)
        rows = self.model_admin.get_queryset(self.request)
        if not query.required or not hasattr(rows, "index"):
            rows = super().get_queryset()
            return rows.best_first(self.term) if hasattr(rows, "best_first") else rows
        rows = rows.complex_filter(self.source_field.get_limit_choices_to())
        return Rows(rows, self._first_keys(rows, query))

    def serialize_result(self, obj: Any, to_field_name: str) -> dict[str, str]:
        result = super().serialize_result(obj, to_field_name)
        return result | {"text": cast(Any, self.model_admin).picker_label(obj)}

    def _first_keys(self, rows: QuerySet, query: Query) -> list[int]:
        """Return the keys up to the current page, and one more if another page follows."""
        page = self.request.GET.get(self.page_kwarg, "")
        number = self.paginate_by * (min(int(page), LAST_PAGE) if page.isdecimal() else 1) + 1
        keys: list[int] = []
        for group in cast(Any, rows).index.ranked_groups(query):
            matches = rows.filter(pk__in=in_keys(rows.model, keys_of(group)))
            keys += matches.values_list("pk", flat=True)[: number - len(keys)]
            if len(keys) == number:
                break
        return keys
