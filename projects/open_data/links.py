"""The addresses of the data of a page, for its header, its head and its foot."""

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse, QueryDict

from projects.open_data.selection import DATASETS, TABLES_OF_RECORDS
from psf.exports.responses import CONTENT_TYPES

LIST = re.compile(rf"/({'|'.join(DATASETS)})/")
RECORD = re.compile(rf"/({'|'.join(TABLES_OF_RECORDS)})/[-\w]+/", re.ASCII)
LISTS_WITHOUT_FEED = {"/countries/", "/lead-partners/"}


class DataLink(NamedTuple):
    label: str
    content_type: str
    address: str


def data_links(request: HttpRequest) -> list[DataLink]:
    """The data of the page in each format, with the filters of the page; [] without data."""
    return [
        DataLink(suffix.upper(), kind, address)
        for suffix, kind in CONTENT_TYPES.items()
        if (address := _address(request, suffix))
    ]


def feed_address(request: HttpRequest) -> str:
    """The feed of the page, with the filters of the page; "" without a feed."""
    return "" if request.path in LISTS_WITHOUT_FEED else _address(request, "atom")


def _address(request: HttpRequest, suffix: str) -> str:
    in_list = LIST.fullmatch(request.path)
    if not in_list and not RECORD.fullmatch(request.path):
        return ""
    parameters = DATASETS[in_list[1]].filterset.base_filters if in_list else []
    return f"{request.path[:-1]}.{suffix}{_query(request, parameters)}"


def partners_address(request: HttpRequest) -> str:
    """The partners of the filtered projects as CSV; "" on other pages."""
    if request.path != "/projects/":
        return ""
    return f"/partnerships.csv{_query(request, DATASETS['partnerships'].filterset.base_filters)}"


def _query(request: HttpRequest, parameters: Iterable[str]) -> str:
    """The query of the page without unknown parameters."""
    query = QueryDict(mutable=True)
    for name in parameters:
        if values := [value for value in request.GET.getlist(name) if value]:
            query.setlist(name, values)
    return f"?{query.urlencode()}" if query else ""


class DataLinkHeaders:
    """Middleware that names the data of a page in the header Link."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 200 and (links := data_links(request)):
            response.headers["Link"] = ", ".join(
                f'<{link.address}>; rel="alternate"; type="{link.content_type}"' for link in links
            )
        return response
