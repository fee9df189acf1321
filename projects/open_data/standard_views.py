"""The records in standards of the field."""

from collections.abc import Iterable
from itertools import chain

from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.urls import reverse
from django.utils.translation import gettext as _

from projects.open_data import catalogue, giving360
from projects.open_data.open_file import data_file
from psf.exports.files import Sheet, json_text
from psf.exports.responses import (
    CONTENT_TYPES,
    DataTable,
    Refusal,
    table_response,
    workbook_response,
)


@data_file()
def giving360_grants(request: HttpRequest, suffix: str) -> HttpResponseBase:
    """All grants in the standard of 360Giving; 404 without a grant, because a file needs one."""
    grants = giving360.grants()
    first = next(grants, None)
    if first is None:
        address = reverse("open_data:giving360-left-out", args=[suffix])
        sentence = _("There is no grant with a published award yet. Left out, with reasons: %s")
        raise Refusal(404, sentence % address)
    return _giving360_file(suffix, chain([first], grants))


def _giving360_file(suffix: str, grants: Iterable[giving360.Grant]) -> HttpResponseBase:
    package = giving360.package()
    if suffix == "json":
        parts = giving360.json_parts(package, grants)
        return StreamingHttpResponse(parts, CONTENT_TYPES["json"])
    columns = giving360.columns()
    rows = giving360.grant_rows(columns, grants)
    if suffix == "csv":
        return table_response("csv", DataTable("360giving", list(columns.values()), rows))
    sheets = [Sheet("grants", list(columns.values()), rows), _meta_sheet(package)]
    return workbook_response("360giving", sheets)


def _meta_sheet(package: giving360.Grant) -> Sheet:
    """The sheet that the standard reserves for the description: names and values in rows."""
    publisher = {f"publisher:{name}": value for name, value in package["publisher"].items()}
    first, *lines = ({**package, **publisher}).items()
    return Sheet("Meta", first, [line for line in lines if line[0] != "publisher"])


@data_file()
def giving360_left_out(request: HttpRequest, suffix: str) -> HttpResponseBase:
    """The public projects that are no grants of the standard, with the reason."""
    heads = [_("Reference"), _("Title"), _("Address"), _("Reason")]
    return table_response(suffix, DataTable("360giving-left-out", heads, giving360.left_out()))


@data_file()
def dcat_catalogue(request: HttpRequest, suffix: str) -> HttpResponseBase:
    """All datasets with their files in DCAT-AP."""
    return HttpResponse(json_text(catalogue.catalogue()), "application/ld+json")
