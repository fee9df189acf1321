"""Lists that answer no question about hidden fields."""

import re
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

SAFE_LOOKUPS = ["exact", "isnull", "gte", "lt", "month", "day"]
YEAR = re.compile(r"[12][0-9]{3}\Z")  # Django itself breaks at a year without a next one


class ConfidentialAdmin(admin.ModelAdmin):
    """Tells nobody, by what it answers, anything that they may not see.

    Nothing but the filters on the page can be asked of its list: any other lookup would tell,
    letter by letter, what a hidden field holds.
    """

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Django looks for the record first: that would tell which there are."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return super().history_view(request, object_id, extra_context)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Only what the filters beside the list ask, and the record's own number."""
        name, *rest = lookup.split("__")
        if name not in self._filter_names(request):
            return False
        if rest and rest[0] == self._key_of(name):
            rest = rest[1:]
        if rest == ["year"]:
            return bool(YEAR.match(str(value)))
        return not rest or (len(rest) == 1 and rest[0] in SAFE_LOOKUPS)

    def _filter_names(self, request: HttpRequest) -> list[str]:
        filters: list[Any] = [
            item[0] if isinstance(item, tuple | list) else item
            for item in self.get_list_filter(request)
        ]
        names = [getattr(item, "parameter_name", item) for item in filters]
        return ["pk", self.opts.pk.name, *names, *filter(None, [self.date_hierarchy])]

    def _key_of(self, name: str) -> str:
        """The key of the records to which that field leads."""
        related = [field.related_model for field in self.opts.get_fields() if field.name == name]
        return related[0]._meta.pk.name if related and related[0] else ""
