"""The error pages.

Error pages use neither the database nor the request: all missing addresses look alike.
"""

import sys

from django.core.exceptions import RequestDataTooBig
from django.db import DataError, InterfaceError, InternalError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

DATABASE_UNAVAILABLE = (OperationalError, InterfaceError, InternalError)
CHUNK_BYTES, MAX_DRAINED_BYTES = 2**16, 2**24
VALUE_TOO_LARGE = (OverflowError, DataError)


def page(status: int, headers: dict[str, str] | None = None) -> HttpResponse:
    """The styled page of a status that has a template."""
    return HttpResponse(render_to_string(f"{status}.html"), status=status, headers=headers)


def handler400(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        drain_body(request)
    return page(400)


def drain_body(request: HttpRequest) -> None:
    """Read the rest of the body, up to a limit: until then a browser shows no response."""
    for _chunk in range(MAX_DRAINED_BYTES // CHUNK_BYTES):
        if not request.read(CHUNK_BYTES):
            break


def handler403(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(403)


def handler404(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(404)


def handler500(request: HttpRequest) -> HttpResponse:
    """The response to an exception without another handler."""
    exception = sys.exc_info()[1]
    if isinstance(exception, DATABASE_UNAVAILABLE):
        return page(503, {"Retry-After": "30"})
    if isinstance(exception, VALUE_TOO_LARGE):
        return page(400)
    return page(500)
