"""The page about the data for people, and the files of the whole set."""

from typing import Any

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from projects.open_data.catalogue import datasets, standards
from projects.open_data.open_file import data_file
from projects.open_data.openapi import openapi_document
from projects.open_data.package import current_archive, dated_versions, last_change
from projects.open_data.selection import DATASETS
from projects.open_data.tables import PACKAGE_TABLES
from projects.pages.coverage import load_coverage
from psf.exports.fields import PublicField
from psf.exports.responses import CONTENT_TYPES, Refusal, busy, json_response


def page_context() -> dict[str, Any]:
    return {
        "address": settings.DEFAULT_FROM_EMAIL,
        "licence": settings.DATA_LICENCE,
        "coverage": load_coverage(),
        "catalogue": datasets(),
        "datasets": list(DATASETS.values()),
        "standards": standards(),
        "suffixes": list(CONTENT_TYPES),
        "tables": PACKAGE_TABLES,
        "changed_at": last_change(),
        "versions": dated_versions(),
        "dictionary_row": dictionary_row,
    }


@require_safe
def data_page(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/data.html", page_context())


def dictionary_row(field: PublicField) -> list[str]:
    """Key, heading, meaning with example, type with unit, blank and first day of a field."""
    example = _("Example: %(example)s.") % {"example": field.example} if field.example else ""
    unit = f", {field.unit}" if field.unit else ""
    meaning = f"{field.meaning} {example}".strip()
    kind = f"{field.kind}{unit}"
    return [field.key, field.heading, meaning, kind, field.blank, field.since]


@data_file()
def openapi(request: HttpRequest, suffix: str) -> HttpResponseBase:
    return json_response(openapi_document())


@data_file()
def archive(request: HttpRequest, suffix: str) -> HttpResponseBase:
    """The whole set in one file."""
    try:
        path = current_archive(waits=False)
    except BlockingIOError as error:
        raise busy() from error
    return FileResponse(path.open("rb"), as_attachment=True, filename="psf.zip")


@data_file()
def version(request: HttpRequest, suffix: str, day: str) -> HttpResponseBase:
    """The whole set as it was on a day."""
    dated_version = next((row for row in dated_versions() if str(row.day()) == day), None)
    if dated_version is None:
        raise Http404
    if dated_version.is_withheld:
        raise Refusal(410, _("This version has a record that was withdrawn."))
    return FileResponse(
        dated_version.path().open("rb"), as_attachment=True, filename=dated_version.name()
    )
