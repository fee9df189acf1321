"""Parts of the description of the public data: parameters, answers and errors."""

from collections.abc import Iterable
from typing import Any

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
