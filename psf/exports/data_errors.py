"""Errors at an address of data, in the format that the address asks for."""

import re
from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from psf.exports.responses import Refusal, open_to_programs, refused

# The end of an address of data, perhaps followed by characters that no address has.
DATA_ADDRESS = re.compile(r"(?!/admin/).*\.(json|csv|xlsx|jsonld|zip)\W*", re.DOTALL)
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


class DataErrors:
    """Middleware that replaces the page of an error by the one shape of errors of data."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_page = response.status_code >= 400 and "text/html" in response.headers["Content-Type"]
        address = DATA_ADDRESS.fullmatch(request.path_info) if is_page else None
        if address is None:
            return response
        status = response.status_code
        sentence = str(SENTENCES.get(status, HTTPStatus(status).phrase))
        headers = {name: response.headers[name] for name in HEADERS if name in response.headers}
        answer = open_to_programs(refused(address[1], Refusal(status, sentence, headers)))
        # Django has logged the error of this response, and would log a new response once more.
        response.content, response.headers = answer.content, answer.headers
        response.cookies.clear()
        return response
