"""The description of the public data as OpenAPI 3.1, made from the dictionary and the filters."""

from collections.abc import Iterable, Mapping
from typing import Any

import django_filters
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from projects.open_data.catalogue import MEDIA_TYPES, TITLE
from projects.open_data.selection import DATASETS, TABLES_OF_RECORDS, Dataset
from psf.exports.responses import CONTENT_TYPES
from psf.exports.tables import FieldKind, PublicField
from psf.lists.filterset import AnyOf

Part = dict[str, Any]

ERROR = {
    "type": "object",
    "required": ["status", "error"],
    "properties": {"status": {"type": "integer"}, "error": {"type": "string"}},
}
ERRORS = {
    "400": "A parameter is wrong; a sentence says which.",
    "404": "There is no public record at this address.",
    "410": "The record was withdrawn; a sentence gives the reason.",
    "414": "The address is too long.",
    "429": "Too many downloads from one address; wait as the header Retry-After says.",
    "503": "The data cannot be read or written now; wait as the header Retry-After says.",
}
# A text without the control characters that the site refuses.
TEXT_PATTERN = r"^[^\u0000-\u0008\u000a-\u001f\u007f-\u009f]*$"


def parameter(name: str, description: str, **schema: Any) -> Part:
    shape = {"type": "string", **(schema or {"pattern": TEXT_PATTERN})}
    return {"name": name, "in": "query", "description": description, "schema": shape}


def file_schema(suffix: str) -> Part:
    """A file that is no JSON, with its media type."""
    form = {} if suffix == "csv" else {"format": "binary"}
    return {"type": "string", **form, "contentMediaType": MEDIA_TYPES[suffix]}


def responses(suffix: str, content: Part, errors: Iterable[str]) -> Part:
    """The answers of an address: the data in the format `suffix`, and errors in one shape."""
    is_table = suffix in ["csv", "xlsx"]
    error = file_schema(suffix) if is_table else {"$ref": "#/components/schemas/Error"}
    kind = MEDIA_TYPES[suffix if is_table else "json"]
    return {
        "200": {
            "description": _("The data."),
            "content": {MEDIA_TYPES[suffix]: {"schema": content}},
        },
        "304": {"description": _("The data are unchanged.")},
        **{
            status: {"description": ERRORS[status], "content": {kind: {"schema": error}}}
            for status in [*errors, "414"]
        },
    }


MANY: Part = {"type": "array", "items": {"type": "object"}}


def _object(**properties: Part) -> Part:
    """An object with at least these properties. The standard defines all others."""
    return {"type": "object", "required": [*properties], "properties": properties}


GRANTS = _object(version={"const": "1.4"}, grants={**MANY, "minItems": 1})
LEFT_OUT = _object(table={"type": "string"}, count={"type": "integer"}, rows=MANY)
CATALOGUE = _object(**{"@context": {"type": "object"}, "dcat:dataset": MANY})


def operation(name: str, summary: str, parameters: list[Part], answers: Part, **more: str) -> Part:
    """The operation of an address, which programs call by its name."""
    described = {"operationId": name.replace("-", "_"), "summary": summary, **more}
    return {"get": {**described, "parameters": parameters, "responses": answers}}


def standard_paths() -> dict[str, Part]:
    """The addresses of the files, each with its operation."""
    paths: dict[str, Part] = {}
    for suffix in CONTENT_TYPES:
        paths |= _file("giving360", suffix, GRANTS, _("Grants in 360Giving 1.4"), errors=["404"])
        paths |= _file(
            "giving360-left-out", suffix, LEFT_OUT, _("Projects that are no grants, with reasons")
        )
    paths |= _file("catalogue", "jsonld", CATALOGUE, _("The catalogue in DCAT-AP 3"))
    paths |= _file("archive", "zip", {}, _("The whole set in one file"))
    day = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
    paths["/data/versions/psf-{day}.zip"] = operation(
        "version_zip",
        _("The whole set as it was on a day (ZIP)"),
        [{"name": "day", "in": "path", "required": True, "schema": day}],
        responses("zip", file_schema("zip"), ["400", "404", "410", "429", "503"]),
    )
    return paths


def _file(
    name: str, suffix: str, content: Part, summary: str, errors: Iterable[str] = ()
) -> dict[str, Part]:
    """The address of a file with its operation. Tables have no properties."""
    by_format = name.startswith("giving360")
    address = reverse(f"open_data:{name}", args=[suffix] if by_format else [])
    shape = content if suffix in ["json", "jsonld"] else file_schema(suffix)
    answers = responses(suffix, shape, ["400", *errors, "429", "503"])
    return {address: operation(f"{name}_{suffix}", f"{summary} ({suffix.upper()})", [], answers)}


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
    paths, schemas = {}, {"Error": ERROR}
    for dataset in DATASETS.values():
        name, fields = _schema_name(dataset), dataset.table.fields
        schemas[name] = _record_schema(fields)
        keys = {"enum": [field.key for field in fields]}
        schemas[f"ColumnsOf{name}"] = {"type": "array", "items": keys}
        for suffix in CONTENT_TYPES:
            paths[f"/{dataset.name}.{suffix}"] = _list_operation(dataset, suffix)
    for name in TABLES_OF_RECORDS:
        for suffix in CONTENT_TYPES:
            paths[f"/{name}/{{slug}}.{suffix}"] = _record_operation(DATASETS[name], suffix)
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
        "components": {"schemas": schemas},
    }


def _schema_name(dataset: Dataset) -> str:
    return dataset.table.name.capitalize()


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
    blank = _("Blank: %(blank)s.") % {"blank": field.blank} if field.blank else ""
    meaning = f"{field.meaning} {blank}".strip()
    return {"title": field.heading, "description": meaning, **shape, **examples}


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
    return operation(
        f"list_{dataset.name}_{suffix}",
        f"{dataset.table.title} ({suffix.upper()})",
        [*filters, *_choice_parameters(dataset), *(more if suffix == "json" else [])],
        responses(suffix, content, ["400", "429", "503"]),
        description=dataset.table.meaning,
    )


def _record_operation(dataset: Dataset, suffix: str) -> Part:
    slug = {"name": "slug", "in": "path", "required": True, "schema": SLUG}
    reference = {"$ref": f"#/components/schemas/{_schema_name(dataset)}"}
    content: Part = reference if suffix == "json" else file_schema(suffix)
    answers = responses(suffix, content, ["400", "404", "410"])
    moved = {"description": _("The record was merged into another record.")}
    summary = f"{dataset.table.title}: one record ({suffix.upper()})"
    parameters = [slug, *_choice_parameters(dataset)]
    return operation(
        f"record_{dataset.name}_{suffix}", summary, parameters, answers | {"301": moved}
    )


def _choice_parameters(dataset: Dataset) -> list[Part]:
    columns = {
        "name": "columns",
        "in": "query",
        "description": _("The keys of columns, separated by commas."),
        "explode": False,
        "schema": {"$ref": f"#/components/schemas/ColumnsOf{_schema_name(dataset)}"},
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
