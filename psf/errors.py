"""The pages that say what went wrong.

They know nothing of the request: no database, no user, and a missing address looks like any
other missing address.
"""

import sys

from django.db import DataError, InterfaceError, InternalError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

DATABASE_AWAY = (OperationalError, InterfaceError, InternalError)
BEYOND_THE_DATABASE = (OverflowError, DataError)


def page(status: int, headers: dict[str, str] | None = None) -> HttpResponse:
    """The styled page of a status that has a template."""
    return HttpResponse(render_to_string(f"{status}.html"), status=status, headers=headers)


def handler400(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(400)


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
