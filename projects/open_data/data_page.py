"""The page about the data for people, its twin in Markdown, and the files of the whole set."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from projects.open_data.answers import open_file
from projects.open_data.archive_cache import current_archive
from projects.open_data.catalogue import datasets, standards
from projects.open_data.dated_versions import dated_versions
from projects.open_data.openapi import openapi_document
from projects.open_data.package import last_change
from projects.open_data.package_tables import PACKAGE_TABLES, PackageTable
from projects.open_data.selection import DATASETS
from projects.pages.coverage import load_coverage
from psf.exports.fields import PublicField
from psf.exports.responses import CONTENT_TYPES, Refusal, json_response

MARKDOWN = "text/markdown; charset=utf-8"


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


@require_safe
def data_markdown(request: HttpRequest) -> HttpResponse:
    """The addresses and the dictionary as plain text."""
    return HttpResponse("\n".join(markdown_lines()), content_type=MARKDOWN)


def markdown_lines() -> Iterator[str]:
    yield "# " + _("Public data of the Project Support Facility") + "\n"
    yield _("Whole set: %(address)s") % {"address": f"{settings.SITE_URL}/data/psf.zip"} + "\n"
    yield _("For programs: %(address)s") % {"address": f"{settings.SITE_URL}/data/openapi.json"}
    yield "\n" + licence_in_words()
    for dataset in standards():
        yield f"\n## {dataset.title}\n\n{dataset.description}\n"
        yield from (f"- {settings.SITE_URL}{address}" for address in dataset.files)
    for table in PACKAGE_TABLES:
        yield from _markdown_table(table)


def licence_in_words() -> str:
    if licence := settings.DATA_LICENCE:
        return _("Licence of the set: %(name)s, %(url)s") % licence._asdict()
    return _("No licence has been chosen for the set yet.")


def _markdown_table(table: PackageTable) -> Iterator[str]:
    yield f"\n## {table.title}\n\n{table.meaning}\n"
    if table.name in DATASETS:
        yield f"{settings.SITE_URL}/{table.name}.csv\n"
    heads = [_("Key"), _("Column"), _("Meaning"), _("Type"), _("Blank means"), _("Since")]
    yield f"| {' | '.join(heads)} |"
    yield "|---" * len(heads) + "|"
    for field in table.fields:
        yield f"| {' | '.join(dictionary_row(field))} |"


def dictionary_row(field: PublicField) -> list[str]:
    """Key, heading, meaning with example, type with unit, blank and first day of a field."""
    example = _("Example: %(example)s.") % {"example": field.example} if field.example else ""
    unit = f", {field.unit}" if field.unit else ""
    meaning = f"{field.meaning} {example}".strip()
    kind = f"{field.kind}{unit}"
    return [field.key, field.heading, meaning, kind, field.blank, field.since]


@open_file()
def openapi(request: HttpRequest, suffix: str) -> HttpResponseBase:
    return json_response(openapi_document())


@open_file()
def archive(request: HttpRequest, suffix: str) -> HttpResponseBase:
    """The whole set in one file."""
    path = current_archive()
    return FileResponse(path.open("rb"), as_attachment=True, filename="psf.zip")


@open_file()
def version(request: HttpRequest, suffix: str, day: str) -> HttpResponseBase:
    """The whole set as it was on a day."""
    found = next((row for row in dated_versions() if str(row.day()) == day), None)
    if found is None:
        raise Http404
    if found.is_withheld:
        raise Refusal(410, _("This version has a record that was withdrawn."))
    return FileResponse(found.path().open("rb"), as_attachment=True, filename=found.name())
