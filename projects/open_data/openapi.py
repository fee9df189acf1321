"""The description of the public data as OpenAPI 3.1, made from the dictionary and the filters."""

from collections.abc import Iterable, Mapping
from typing import Any

import django_filters
from django.conf import settings
from django.utils.translation import gettext as _

from projects.open_data.catalogue import TITLE
from projects.open_data.openapi_parts import (
    ERROR,
    Part,
    file_schema,
    parameter,
    responses,
    standard_paths,
)
from projects.open_data.selection import DATASETS, Dataset
from projects.open_data.views import TABLES_OF_RECORDS
from psf.exports.fields import FieldKind, PublicField
from psf.exports.responses import CONTENT_TYPES
from psf.lists.filterset import AnyOf

VERSION = "1.0.0"
TYPES: dict[FieldKind, Mapping[str, Any]] = {
    FieldKind.NUMBER: {"type": ["integer", "null"]},
    FieldKind.AMOUNT: {"type": ["number", "null"]},
    FieldKind.DAY: {"type": ["string", "null"], "format": "date"},
    FieldKind.MOMENT: {"type": ["string", "null"], "format": "date-time"},
    FieldKind.YES_NO: {"type": ["boolean", "null"]},
    FieldKind.LIST: {"type": "array", "items": {"type": "string"}},
}
TEXT: Mapping[str, Any] = {"type": ["string", "null"]}
SLUG = {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$", "maxLength": 100}


def openapi_document() -> Part:
    paths = {}
    for dataset in DATASETS.values():
        for suffix in CONTENT_TYPES:
            paths[f"/{dataset.name}.{suffix}"] = {"get": _list_operation(dataset, suffix)}
    for name in TABLES_OF_RECORDS:
        for suffix in CONTENT_TYPES:
            paths[f"/{name}/{{slug}}.{suffix}"] = {"get": _record_operation(DATASETS[name], suffix)}
    licence = settings.DATA_LICENCE
    return {
        "openapi": "3.1.0",
        "info": {
            "title": str(TITLE),
            "version": VERSION,
            "description": _(
                "Keys are never renamed or removed. New keys can appear. A blank is null, an empty "
                "text or an empty list in JSON, and an empty cell elsewhere, never zero."
            ),
            **({"license": licence._asdict()} if licence else {}),
        },
        "servers": [{"url": settings.SITE_URL}],
        "paths": paths | standard_paths(),
        "components": {
            "schemas": {
                "Error": ERROR,
                **{_schema_name(row): _record_schema(row.table.fields) for row in _tables()},
                **{_columns_name(row): _columns_schema(row.table.fields) for row in _tables()},
            }
        },
    }


def _tables() -> Iterable[Dataset]:
    return [dataset for dataset in DATASETS.values() if dataset.name == dataset.table.name]


def _schema_name(dataset: Dataset) -> str:
    return dataset.table.name.capitalize()


def _columns_name(dataset: Dataset) -> str:
    return f"ColumnsOf{_schema_name(dataset)}"


def _columns_schema(fields: Iterable[PublicField]) -> Part:
    return {"type": "array", "items": {"enum": [field.key for field in fields]}}


def _record_schema(fields: Iterable[PublicField]) -> Part:
    """A record. No key is required, because `columns` chooses keys."""
    return {
        "type": "object",
        "properties": {field.key: _value_schema(field) for field in fields},
        "additionalProperties": False,
    }


def _value_schema(field: PublicField) -> Part:
    if field.kind == FieldKind.RECORDS:
        shape: Mapping[str, Any] = {"type": "array", "items": _record_schema(field.fields)}
    else:
        shape = TYPES.get(field.kind, TEXT)
    examples = {"examples": [field.example]} if field.example and not field.is_list() else {}
    return {"title": field.heading, "description": _meaning(field), **shape, **examples}


def _meaning(field: PublicField) -> str:
    blank = _("Blank: %(blank)s.") % {"blank": field.blank} if field.blank else ""
    return f"{field.meaning} {blank}".strip()


def _list_operation(dataset: Dataset, suffix: str) -> Part:
    filters = [
        _filter_parameter(name, list_filter)
        for name, list_filter in dataset.filterset.base_filters.items()
    ]
    more = [parameter("next", _("The token of a page, from the last answer."))]
    reference = {"$ref": f"#/components/schemas/{_schema_name(dataset)}"}
    if suffix != "json":
        content = file_schema(suffix)
    else:
        content = {
            "type": "object",
            "required": ["table", "count", "next", "rows"],
            "properties": {
                "table": {"type": "string"},
                "count": {"type": ["integer", "null"]},
                "next": {"type": ["string", "null"]},
                "rows": {"type": "array", "items": reference},
            },
        }
    return {
        "operationId": f"list_{dataset.name}_{suffix}".replace("-", "_"),
        "summary": f"{dataset.table.title} ({suffix.upper()})",
        "description": dataset.table.meaning,
        "parameters": [*filters, *_choice_parameters(dataset), *(more if suffix == "json" else [])],
        "responses": responses(suffix, content, ["400", "429", "503"]),
    }


def _record_operation(dataset: Dataset, suffix: str) -> Part:
    slug = {"name": "slug", "in": "path", "required": True, "schema": SLUG}
    reference = {"$ref": f"#/components/schemas/{_schema_name(dataset)}"}
    content: Part = reference if suffix == "json" else file_schema(suffix)
    answers = responses(suffix, content, ["400", "404", "410"])
    moved = {"description": _("The record was merged into another record.")}
    return {
        "operationId": f"record_{dataset.name}_{suffix}",
        "summary": f"{dataset.table.title}: one record ({suffix.upper()})",
        "parameters": [slug, *_choice_parameters(dataset)],
        "responses": answers | {"301": moved},
    }


def _choice_parameters(dataset: Dataset) -> list[Part]:
    columns = {
        "name": "columns",
        "in": "query",
        "description": _("The keys of columns, separated by commas."),
        "explode": False,
        "schema": {"$ref": f"#/components/schemas/{_columns_name(dataset)}"},
    }
    return [parameter("full", _("1: all columns."), enum=["0", "1"]), columns]


def _filter_parameter(name: str, list_filter: django_filters.Filter) -> Part:
    """A filter. A list with repeated values has the rows with any of the values."""
    label, choices = str(list_filter.label), list_filter.extra.get("choices", [])
    values = [str(value) for value, _label in choices]
    if isinstance(list_filter, AnyOf):
        item = {"type": "string", "enum": values} if values else SLUG
        return parameter(name, label, type="array", items=item)
    return parameter(name, label, **({"enum": values} if values else {}))
