"""The canonical address of a public page."""

from functools import cache

from django.conf import settings
from django.http import HttpRequest

from psf.caching.page_cache import normalise_query
from psf.http.query_parameters import parameters_by_address

parameters = cache(parameters_by_address)


def canonical_address(request: HttpRequest) -> str:
    """The full address of the page, with only the parameters on which the page depends."""
    names = parameters().get(request.path, frozenset())
    query = normalise_query(request.META.get("QUERY_STRING", ""), names)
    return f"{settings.SITE_URL}{request.path}{'?' if query else ''}{query}"
