"""The error pages. They use no database. Only 404 and 503 use the request: the address."""

import errno
import logging
import sys
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.db import (
    DatabaseError,
    DataError,
    InterfaceError,
    InternalError,
    OperationalError,
    ProgrammingError,
)
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.template.loader import render_to_string
from django.utils.http import escape_leading_slashes

DISK_UNAVAILABLE = {errno.EACCES, errno.EDQUOT, errno.ENOSPC, errno.EROFS}
# ProgrammingError: during an upgrade, PostgreSQL no longer has a column that an old worker reads.
DATABASE_UNAVAILABLE = (OperationalError, InterfaceError, InternalError, ProgrammingError)
VALUE_TOO_LARGE = (OverflowError, DataError)
RETRY = {"Retry-After": "30"}
# Needs no template, no static file and no translation.
PLAIN_PAGE = """<!doctype html>
<html lang="en">
  <head><meta charset="utf-8"><title>{phrase}</title></head>
  <body><h1>{phrase}</h1><p>Try again in a few minutes.</p></body>
</html>
"""
logger = logging.getLogger(__name__)


def page(
    status: int, headers: dict[str, str] | None = None, context: dict[str, Any] | None = None
) -> HttpResponse:
    """The styled page of a status that has a template.

    Without templates or collected static files: a page without style.
    """
    try:
        text: str = render_to_string(f"{status}.html", context)
    except Exception:
        logger.exception("The page for status %s cannot be rendered.", status)
        text = PLAIN_PAGE.format(phrase=HTTPStatus(status).phrase)
    return HttpResponse(text, status=status, headers=headers)


def unavailable(request: HttpRequest) -> HttpResponse:
    """The page while the database does not answer. Only staff save something."""
    return page(503, RETRY, _audience(request))


def _audience(request: HttpRequest) -> dict[str, bool]:
    return {"is_for_staff": request.path_info.startswith("/admin/")}


def handler400(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(400)


def handler403(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(403)


def handler404(
    request: HttpRequest,
    exception: Exception,
    near: Callable[[str], dict[str, Any]] = lambda path: {},
) -> HttpResponse:
    """The page of a missing address; an address with capitals redirects to small letters.

    `near` says what is near an address: its words in `searched`, and a row in `nearest`.

    People type references as they read them: /projects/PSF-2019-01/. Addresses of staff may
    contain a secret, so they do not redirect.
    """
    typed, request.path = request.path, request.path.lower()
    if request.path != typed and not typed.startswith("/admin/"):
        return HttpResponsePermanentRedirect(escape_leading_slashes(request.get_full_path()))
    context = {**_audience(request), "path": request.path, "searched": "", "nearest": None}
    return page(404, context=context | near(request.path))


def handler429(request: HttpRequest) -> HttpResponse:
    """The response of allauth to too many attempts."""
    return page(429, {"Retry-After": "60"})


def handler500(request: HttpRequest) -> HttpResponse:
    """The response to an exception without another handler."""
    exception = sys.exc_info()[1]
    # The driver raises DatabaseError itself for some connections that the server closes.
    if isinstance(exception, DATABASE_UNAVAILABLE) or type(exception) is DatabaseError:
        return unavailable(request)
    if isinstance(exception, OSError) and exception.errno in DISK_UNAVAILABLE:
        return unavailable(request)
    if isinstance(exception, VALUE_TOO_LARGE):
        return page(400)
    return page(500)
