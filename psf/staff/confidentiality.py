"""Lists that answer no question about hidden fields."""

import re
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

SAFE_LOOKUPS = ["exact", "isnull", "gte", "lt", "month", "day"]
YEAR = re.compile(r"[12][0-9]{3}\Z")  # Django itself breaks at a year without a next one


class ConfidentialAdmin(admin.ModelAdmin):
    """Answers reveal nothing that the account may not see.

    Only the filters of the page are allowed as lookups. With any other lookup somebody could
    guess the value of a hidden field letter by letter.
    """

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Check the permission before the lookup, which reveals whether the record exists."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return super().history_view(request, object_id, extra_context)

    def lookup_allowed(self, lookup: str, value: object, request: HttpRequest) -> bool:
        """Allow the filters beside the list, and the primary key."""
        name, *transforms = lookup.split("__")
        if name not in self._filter_names(request):
            return False
        if transforms and transforms[0] == self._related_key(name):
            transforms = transforms[1:]
        if transforms == ["year"]:
            return bool(YEAR.match(str(value)))
        return not transforms or (len(transforms) == 1 and transforms[0] in SAFE_LOOKUPS)

    def _filter_names(self, request: HttpRequest) -> list[str]:
        filters: list[Any] = [
            item[0] if isinstance(item, tuple | list) else item
            for item in self.get_list_filter(request)
        ]
        names = [getattr(item, "parameter_name", item) for item in filters]
        return ["pk", self.opts.pk.name, *names, *filter(None, [self.date_hierarchy])]

    def _related_key(self, name: str) -> str:
        """The name of the primary key of the related model; "" if the field is no relation."""
        related = [field.related_model for field in self.opts.get_fields() if field.name == name]
        return related[0]._meta.pk.name if related and related[0] else ""
