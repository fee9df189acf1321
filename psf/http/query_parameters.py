"""What a page takes from its address, said once: by the view, for itself and for the page cache."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponseBase, QueryDict

View = Callable[..., HttpResponseBase]


def takes(*names: str) -> Callable[[View], View]:
    """Give the view these parameters of its address as its second argument, and no others.

    Without those that are empty. `parameters_by_address()` finds them in `view.parameters`,
    so that pages which differ by them are kept apart.
    """

    def mark(view: View) -> View:
        @wraps(view)
        def marked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            return view(request, known(request.GET, names), *args, **kwargs)

        marked.parameters = frozenset(names)  # type: ignore[attr-defined]
        return marked

    return mark


def known(given: QueryDict, names: tuple[str, ...]) -> QueryDict:
    """Those parameters that have a value, each value once."""
    query = QueryDict(mutable=True)
    for name in names:
        if values := [value for value in given.getlist(name) if value]:
            query.setlist(name, list(dict.fromkeys(values)))
    return query
