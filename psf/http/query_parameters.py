"""The query parameters that a view accepts, for the view and for the page cache."""

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.urls import URLPattern, URLResolver, get_resolver

View = Callable[..., HttpResponseBase]


def accepts_parameters(*names: str) -> Callable[[View], View]:
    """Pass the view only these query parameters, as its second argument, without empty values.

    The page cache reads their names from `view.parameters`.
    """

    def mark(view: View) -> View:
        @wraps(view)
        def marked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            return view(request, named_parameters(request.GET, names), *args, **kwargs)

        marked.parameters = frozenset(names)  # type: ignore[attr-defined]
        return marked

    return mark


def named_parameters(query: QueryDict, names: tuple[str, ...]) -> QueryDict:
    """The named parameters with a value, each value once."""
    parameters = QueryDict(mutable=True)
    for name in names:
        if values := [value for value in query.getlist(name) if value]:
            parameters.setlist(name, list(dict.fromkeys(values)))
    return parameters


def parameters_by_address() -> dict[str, frozenset[str]]:
    """The parameters of each public address that accepts some: the `parameters` of its view."""
    return {
        address: view.parameters
        for address, view in _routes(get_resolver().url_patterns, "/")
        if getattr(view, "parameters", None)
    }


def _routes(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[tuple[str, Any]]:
    for entry in patterns:
        route = f"{prefix}{entry.pattern}"
        if not isinstance(entry, URLResolver):
            yield route, entry.callback
        else:
            yield from _routes(entry.url_patterns, route)
