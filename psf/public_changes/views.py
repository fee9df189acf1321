"""The page of all public events, and the pages of earlier public versions."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from psf.history.tracking import kind_of
from psf.http.requests import accepts_parameters
from psf.lists.public_list import numbered_page
from psf.public_changes.change_log import MAX_EVENTS, load_log
from psf.public_changes.versions import load_record_versions

ENTRIES_A_PAGE = 50


@require_safe
@accepts_parameters("page")
def changes_page(request: HttpRequest, query: QueryDict) -> HttpResponse:
    """The newest public events."""
    log = load_log()[:MAX_EVENTS]
    context = numbered_page(log, ENTRIES_A_PAGE, query.get("page", "1"))
    context |= {"query": QueryDict(), "is_complete": len(log) < MAX_EVENTS}
    return render(request, "changes/list.html", context)


def version_page(request: HttpRequest, record: Any, number: int) -> HttpResponse:
    """An earlier public version of a public record. The last version is the page of the record."""
    versions = load_record_versions(kind_of(type(record)), record.pk)
    if not 1 <= number <= len(versions):
        raise Http404
    if number == len(versions):
        return redirect(record)
    version, after = versions[number - 1], versions[number]
    context = {"version": version, "after": after, "record": record, "number": number}
    response = render(request, "changes/version.html", context)
    response.headers["X-Robots-Tag"] = "noindex"
    return response
