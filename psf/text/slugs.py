"""Slugs of records, and the addresses with them."""

from collections.abc import Callable, Iterable
from functools import cache
from itertools import count
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from psf.text.folding import fold

_PLACE = "the-slug"  # in the pattern of an address
_MAX_OF_TEXT = 80
_MAX_LENGTH = 90  # the field has 100 characters: the remaining 10 are for a number


def slug_field() -> "models.SlugField[Any, str]":
    help_text = _("The last part of the page's address. It never changes.")
    return models.SlugField(_("address"), max_length=100, unique=True, help_text=help_text)


def slug_of(text: str) -> str:
    """Return an address for a name: ASCII, cut between words; "" without Latin letters."""
    folded = fold(text)
    slug = folded.replace(" ", "-") if folded.isascii() else slugify(folded)
    return slug if len(slug) <= _MAX_OF_TEXT else slug[:_MAX_OF_TEXT].rsplit("-", 1)[0]


def free_slug(is_taken: Callable[[str], bool], *texts: str) -> str:
    """Return a free address: from the first text, then with the next texts added.

    `free_slug(is_slug_taken, "Ministry of the Interior", "LT")` gives
    ministry-of-the-interior, then ministry-of-the-interior-lt, then …-lt-2. A text without
    Latin letters is skipped. If no text has Latin letters, the address is a number.
    """
    slug = ""
    for text in texts:
        slug = "-".join(filter(None, [slug, slug_of(text)]))[:_MAX_LENGTH].rstrip("-")
        if slug and not is_taken(slug):
            return slug
    stem = f"{slug}-" if slug else ""
    numbered = (f"{stem}{number}" for number in count(2 if slug else 1))
    return next(address for address in numbered if not is_taken(address))


class FreeSlugs:
    """Free addresses for many rows that are not saved yet. `taken` are the existing addresses."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = set(taken)

    def take(self, *texts: str) -> str:
        slug = free_slug(self._taken.__contains__, *texts)
        self._taken.add(slug)
        return slug


def slug_url(name: str, slug: str) -> str:
    """The address of a page that has a slug: its pattern is reversed once in a process."""
    return _pattern(name).replace(_PLACE, slug)


@cache
def _pattern(name: str) -> str:
    return reverse(name, args=[_PLACE])
