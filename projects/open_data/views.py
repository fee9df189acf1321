"""Lists, records and standards of the field as files, and the page about the data."""

from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from itertools import chain, islice
from typing import Any

from django.conf import settings
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    QueryDict,
    StreamingHttpResponse,
)
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import condition, require_safe

from partners.models import Merger
from projects.models import Call, Project
from projects.open_data import catalogue, giving360
from projects.open_data.catalogue import SUFFIXES, datasets
from projects.open_data.openapi import openapi_document
from projects.open_data.package import EDITION, current_archive, dated_versions, last_change_of_data
from projects.open_data.selection import DATASETS, Dataset, row_numbers
from projects.open_data.table_rows import PACKAGE_TABLES
from projects.pages.coverage import load_coverage
from psf.exports.files import DataTable, flat_rows, json_text
from psf.exports.responses import (
    CONTENT_TYPES,
    Refusal,
    View,
    busy,
    data_tag,
    data_view,
    json_response,
    limit_downloads,
    table_response,
    workbook_response,
)
from psf.exports.tables import Key, PublicField, keys_after, keys_of_token, token_of

PAGE_SIZE = 100  # rows of a page in JSON
# Parameters that choose columns and pages. All others are filters.
CHOICES = ["full", "columns", "next"]


def tag_of(request: HttpRequest, *_args: str, **_kwargs: str) -> str | None:
    return data_tag(request, EDITION)


def refuse_unknown(query: QueryDict, known: Sequence[str]) -> None:
    """Raise a Refusal for a parameter that the address does not have."""
    if unknown := [name for name in query if name not in known]:
        if not known:
            raise Refusal(400, _("This address has no parameters."))
        sentence = _("There is no parameter “%(name)s”. Parameters: %(known)s.")
        raise Refusal(400, sentence % {"name": unknown[0], "known": ", ".join(known)})


def data_file(*parameters: str) -> Callable[[View], View]:
    """A decorator for the view of a file with these parameters.

    The file is not sent again while the data are unchanged, and its downloads are limited.
    """

    def decorate(view: View) -> View:
        @data_view
        @condition(tag_of)
        @wraps(view)
        def answer(request: HttpRequest, suffix: str, **values: str) -> HttpResponseBase:
            refuse_unknown(request.GET, parameters)
            limit_downloads(request)
            return view(request, suffix=suffix, **values)

        return answer

    return decorate


@data_view
@condition(tag_of)
def list_data(request: HttpRequest, name: str, suffix: str) -> HttpResponseBase:
    """The rows of a list, with the filters and the order of its page."""
    dataset, query = DATASETS[name], request.GET
    filters = dataset.filterset(query)
    refuse_unknown(query, [*dataset.filterset.base_filters, *CHOICES])
    fields = chosen_fields(dataset, query, is_full=suffix == "json")
    last_page = chosen_page(name, query, suffix)
    limit_downloads(request)
    keys, number = dataset.select(filters)
    if suffix != "json":
        heads = [field.heading for field in fields]
        rows = flat_rows(dataset.table.records(keys, fields), fields)
        return table_response(suffix, DataTable(name, heads, rows))
    keys_read = list(islice(keys_after(last_page, keys), PAGE_SIZE + 1))
    page, has_more = keys_read[:PAGE_SIZE], len(keys_read) > PAGE_SIZE
    links = {"next": next_address(request, name, page)} if has_more else {}
    content = {
        "table": name,
        "count": number,
        "next": links.get("next"),
        "rows": list(dataset.table.records(page, fields)),
    }
    return json_response(content, links)


def chosen_fields(dataset: Dataset, query: QueryDict, is_full: bool) -> list[PublicField]:
    """The fields in `columns`; otherwise all fields of a full table, or the short columns."""
    table, columns = dataset.table, query.get("columns")
    if query.get("full", "1") not in ("0", "1"):
        raise Refusal(400, _("The parameter “full” is 0 or 1."))
    if columns:
        try:
            return table.named_fields(columns.split(","))
        except KeyError as error:
            sentence = _("There is no column “%(name)s”. Columns: %(known)s.")
            field_keys = ", ".join(field.key for field in table.fields)
            values = {"name": error.args[0], "known": field_keys}
            raise Refusal(400, sentence % values) from None
    is_full = query["full"] == "1" if "full" in query else is_full
    return list(table.fields) if is_full else table.short_fields()


def chosen_page(name: str, query: QueryDict, suffix: str) -> set[Key]:
    """The keys of the page in JSON before the chosen page, if there is one."""
    token = query.get("next")
    if not token:
        return set()
    page = keys_of_token(name, token) if suffix == "json" else None
    if page is None:
        raise Refusal(400, _("The parameter “next” is not from this list. Start without it."))
    return page


def next_address(request: HttpRequest, name: str, page: list[Key]) -> str:
    query = request.GET.copy()
    query["next"] = token_of(name, page)
    return f"{settings.SITE_URL}{request.path}?{query.urlencode()}"


@data_view
def record_data(request: HttpRequest, name: str, slug: str, suffix: str) -> HttpResponseBase:
    dataset = DATASETS[name]
    refuse_unknown(request.GET, CHOICES[:2])
    fields = chosen_fields(dataset, request.GET, is_full=True)
    keys = list(dataset.table.rows().filter(slug=slug).values_list("pk", flat=True))
    records = list(dataset.table.records(keys, fields))
    if not records:
        return _moved_or_gone(name, slug, suffix)
    if suffix == "json":
        return json_response(records[0])
    heads = [field.heading for field in fields]
    return table_response(suffix, DataTable(slug, heads, flat_rows(records, fields)))


def _moved_or_gone(name: str, slug: str, suffix: str) -> HttpResponse:
    """Redirect from a merged organisation; raise a Refusal (410) for a withdrawn record."""
    if name == "partners":
        merged = Merger.objects.in_force().filter(slug=slug)
        for winner in DATASETS[name].table.rows().filter(mergers__in=merged):
            address = reverse("open_data:record", args=[name, winner.slug, suffix])
            return redirect(address, permanent=True)
    models: dict[str, Any] = {"projects": Project, "calls": Call}
    if name in models:
        for record in models[name].objects.unpublished().filter(slug=slug):
            sentence = _("This record was withdrawn. Reason: %(reason)s")
            raise Refusal(410, sentence % {"reason": record.unpublished_reason})
    raise Http404


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
    # The standard reserves this sheet for the description: names and values in rows.
    publisher = package.pop("publisher").items()
    first, *lines = [*package.items(), *((f"publisher:{name}", text) for name, text in publisher)]
    sheets = [DataTable("grants", list(columns.values()), rows), DataTable("Meta", first, lines)]
    return workbook_response("360giving", sheets)


@data_file()
def giving360_left_out(request: HttpRequest, suffix: str) -> HttpResponseBase:
    """The public projects that are no grants of the standard, with the reason."""
    heads = [_("Reference"), _("Title"), _("Address"), _("Reason")]
    return table_response(suffix, DataTable("360giving-left-out", heads, giving360.left_out()))


@data_file()
def dcat_catalogue(request: HttpRequest, suffix: str) -> HttpResponseBase:
    return HttpResponse(json_text(catalogue.catalogue()), "application/ld+json")


# The whole set


@require_safe
def data_page(request: HttpRequest) -> HttpResponse:
    catalogued = datasets()
    context = {
        "address": settings.DEFAULT_FROM_EMAIL,
        "licence": settings.DATA_LICENCE,
        "coverage": load_coverage().title(),
        "catalogue": catalogued,
        "datasets": list(DATASETS.values()),
        "numbers": row_numbers(),
        "standards": catalogued[-1:],
        "suffixes": SUFFIXES,
        "tables": PACKAGE_TABLES,
        "changed_at": last_change_of_data(),
        "versions": dated_versions(),
        "dictionary_row": dictionary_row,
    }
    return render(request, "pages/data.html", context)


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
