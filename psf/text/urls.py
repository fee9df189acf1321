"""Addresses of records by their slug: a page can have hundreds, and Django takes its time."""

from functools import cache

from django.urls import reverse

PLACE = "slug"


def address_of(name: str, slug: str) -> str:
    """What `reverse()` gives, which is asked once for each name; a slug needs no quoting."""
    before, after = _around_the_slug(name)
    return f"{before}{slug}{after}"


@cache
def _around_the_slug(name: str) -> tuple[str, str]:
    before, _place, after = reverse(name, args=[PLACE]).rpartition(PLACE)
    return before, after
