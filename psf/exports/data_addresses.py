"""Addresses of data: open to programs on other sites, with errors in the asked format."""

import re
from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.urls import register_converter
from django.urls.converters import StringConverter
from django.utils.translation import gettext_lazy as _

from psf.exports.responses import Refusal, refused


class Suffix(StringConverter):
    """A format, offered or not: the view answers in words for a wrong one."""

    regex = "[a-z0-9]{1,8}"


register_converter(Suffix, "suffix")

# The end of an address of data, perhaps followed by characters that no address has.
FEEDS = ["atom", "ics"]
DATA_ADDRESS = re.compile(r"(?!/admin/).*\.(json|csv|xlsx|jsonld|zip|atom|ics)\W*", re.DOTALL)
# Programs on every site may read the answers.
OPEN_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Link, Retry-After",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
SENTENCES = {
    400: _("The address has characters that no address of this site has."),
    404: _("There is no public data at this address."),
    405: _("This address can only be read."),
    411: _("A request for data has no body."),
    413: _("A request for data has no body."),
    414: _("The address is too long."),
    503: _("The data cannot be read now. Try again later."),
}
HEADERS = ["Allow", "Retry-After"]


class DataAddresses:
    """Middleware that opens data to programs on other sites: also feeds, redirects and errors.

    Data, except feeds, have one shape of errors instead of a page.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        address = DATA_ADDRESS.fullmatch(request.path_info)
        if address is None:
            return response
        is_page = response.status_code >= 400 and "text/html" in response.headers["Content-Type"]
        if is_page and address[1] not in FEEDS:
            self._replace_page(response, address[1])
        for name, value in OPEN_HEADERS.items():
            response.headers[name] = value
        return response

    def _replace_page(self, response: HttpResponse, suffix: str) -> None:
        status = response.status_code
        sentence = str(SENTENCES.get(status, HTTPStatus(status).phrase))
        headers = {name: response.headers[name] for name in HEADERS if name in response.headers}
        answer = refused(suffix, Refusal(status, sentence, headers))
        # Django has logged the error of this response, and would log a new response once more.
        response.content, response.headers = answer.content, answer.headers
        response.cookies.clear()
