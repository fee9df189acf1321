"""Updates the search indexes at the end of requests that change records."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from psf.search.maintenance import INDEXES


class UpdateIndexes:
    """Update stale documents after a form of staff, so that the search of a reader writes nothing.

    The transaction of the form has ended. A search updates the documents that SQL or a command
    left stale.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method == "POST" and response.status_code < 400:
            for index in INDEXES:
                index.try_update()
        return response
