"""Requests: the address of the client, the parameters of views, and requests without a server."""

import ipaddress
from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from typing import Any
from wsgiref.types import WSGIApplication, WSGIEnvironment

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.urls import URLPattern, URLResolver, get_resolver


def client_address(request: HttpRequest) -> str:
    """The address of the client.

    A proxy in `TRUSTED_PROXIES` adds the address of its client to the end of X-Forwarded-For. A
    client can write anything before that, so the last address of no trusted proxy counts.
    """
    address = str(request.META.get("REMOTE_ADDR", ""))
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")
    while is_trusted_proxy(address) and forwarded:
        address = forwarded.pop().strip() or address
    return address


def is_trusted_proxy(address: str) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in settings.TRUSTED_PROXIES)


def client_network(request: HttpRequest) -> str:
    """The address of the client; of an IPv6 address the network, which one client can use up."""
    address = client_address(request)
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 6:
        return str(ipaddress.ip_network((parsed.packed, 64), strict=False))
    return address


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
        for address, view in routes(get_resolver().url_patterns)
        if getattr(view, "parameters", None)
    }


def routes(
    patterns: list[URLPattern | URLResolver], prefix: str = "/"
) -> Iterator[tuple[str, Any]]:
    """The route and the view of each address."""
    for entry in patterns:
        route = f"{prefix}{entry.pattern}"
        if not isinstance(entry, URLResolver):
            yield route, entry.callback
        else:
            yield from routes(entry.url_patterns, route)


Headers = list[tuple[str, str]]


def ask(app: WSGIApplication, environ: WSGIEnvironment) -> tuple[str, Headers, Iterable[bytes]]:
    """Status, headers and body of the response. The caller closes the body."""
    status, headers = "", Headers()

    def start_response(line: str, pairs: Headers, exc_info: object = None) -> None:
        nonlocal status, headers
        status, headers = line, pairs

    body = app(environ, start_response)  # type: ignore[arg-type]
    return status, headers, body
