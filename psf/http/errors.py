"""The pages that say what went wrong.

They know nothing of the request: no database, no user, and a missing address looks like any
other missing address.
"""

import sys

from django.core.exceptions import RequestDataTooBig
from django.db import DataError, InterfaceError, InternalError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

DATABASE_AWAY = (OperationalError, InterfaceError, InternalError)
CHUNK, MOST_HEARD = 2**16, 2**24  # bytes
BEYOND_THE_DATABASE = (OverflowError, DataError)


def page(status: int, headers: dict[str, str] | None = None) -> HttpResponse:
    """The styled page of a status that has a template."""
    return HttpResponse(render_to_string(f"{status}.html"), status=status, headers=headers)


def handler400(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        hear_out(request)
    return page(400)


def hear_out(request: HttpRequest) -> None:
    """Take what is still being sent, up to a bound: who is cut off never reads the answer."""
    for _chunk in range(MOST_HEARD // CHUNK):
        if not request.read(CHUNK):
            break


def handler403(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(403)


def handler404(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(404)


def handler500(request: HttpRequest) -> HttpResponse:
    """Answer for an exception that nothing else answered for."""
    exception = sys.exc_info()[1]
    if isinstance(exception, DATABASE_AWAY):
        return page(503, {"Retry-After": "30"})
    if isinstance(exception, BEYOND_THE_DATABASE):
        return page(400)
    return page(500)
