"""Parts of the OpenAPI document: answers, errors, and the files in standards of the field."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from psf.exports.responses import CONTENT_TYPES

Part = dict[str, Any]

MEDIA_TYPES = {
    **{suffix: kind.partition(";")[0] for suffix, kind in CONTENT_TYPES.items()},
    "jsonld": "application/ld+json",
    "zip": "application/zip",
}
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
    """An optional parameter with one value."""
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
    return paths | {"/data/versions/psf-{day}.zip": {"get": _version_operation()}}


def _version_operation() -> Part:
    day = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
    return {
        "operationId": "version_zip",
        "summary": _("The whole set as it was on a day (ZIP)"),
        "parameters": [{"name": "day", "in": "path", "required": True, "schema": day}],
        "responses": responses("zip", file_schema("zip"), ["400", "404", "410", "429", "503"]),
    }


def _file(
    name: str, suffix: str, content: Part, summary: str, errors: Iterable[str] = ()
) -> dict[str, Part]:
    """The address of a file with its operation. Tables have no properties."""
    by_format = name.startswith("giving360")
    address = reverse(f"open_data:{name}", args=[suffix] if by_format else [])
    shape = content if suffix in ["json", "jsonld"] else file_schema(suffix)
    operation = {
        "operationId": f"{name}_{suffix}".replace("-", "_"),
        "summary": f"{summary} ({suffix.upper()})",
        "parameters": [],
        "responses": responses(suffix, shape, ["400", *errors, "429", "503"]),
    }
    return {address: {"get": operation}}
