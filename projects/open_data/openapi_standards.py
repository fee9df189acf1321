"""The files in standards of the field and the whole set, described in OpenAPI."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from projects.open_data.openapi_parts import Part, file_schema, responses
from psf.exports.responses import CONTENT_TYPES

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


def _file(name: str, suffix: str, content: Part, summary: str, errors: Any = ()) -> dict[str, Part]:
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
