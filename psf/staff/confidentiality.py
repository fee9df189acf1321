"""Lists that answer no question about hidden fields."""

import re
from typing import Any

from django.contrib import admin
from django.http import HttpRequest

SAFE_LOOKUPS = ["exact", "isnull", "gte", "lt", "month", "day"]
YEAR = re.compile(r"[12][0-9]{3}\Z")  # Django itself breaks at a year without a next one


def is_safe_lookup(
    model_admin: admin.ModelAdmin, lookup: str, value: object, request: HttpRequest
) -> bool:
    """Whether the lookup is a filter beside the list, or asks for the primary key.

    With any other lookup somebody could guess the value of a hidden field letter by letter.
    """
    name, *transforms = lookup.split("__")
    if name not in _filter_names(model_admin, request):
        return False
    if transforms and transforms[0] == _related_key(model_admin, name):
        transforms = transforms[1:]
    if transforms == ["year"]:
        return bool(YEAR.match(str(value)))
    return not transforms or (len(transforms) == 1 and transforms[0] in SAFE_LOOKUPS)


def _filter_names(model_admin: admin.ModelAdmin, request: HttpRequest) -> list[str]:
    filters: list[Any] = [
        item[0] if isinstance(item, tuple | list) else item
        for item in model_admin.get_list_filter(request)
    ]
    names = [getattr(item, "parameter_name", item) for item in filters]
    return ["pk", model_admin.opts.pk.name, *names, *filter(None, [model_admin.date_hierarchy])]


def _related_key(model_admin: admin.ModelAdmin, name: str) -> str:
    """The name of the primary key of the related model; "" if the field is no relation."""
    related = [field.related_model for field in model_admin.opts.get_fields() if field.name == name]
    return related[0]._meta.pk.name if related and related[0] else ""
