"""Opaque tokens that lead to the next page of a list in JSON."""

from collections.abc import Iterable, Iterator, Sequence, Set
from itertools import dropwhile, tee

from django.core import signing

from psf.exports.fields import Key

SALT = "psf.exports.page_tokens"


def token_of(name: str, page: Sequence[Key]) -> str:
    """The token for the page that follows the rows with these keys in the list of this name."""
    return signing.dumps([*page], salt=f"{SALT}.{name}", compress=True)


def keys_of_token(name: str, token: str) -> set[Key] | None:
    """The keys in a token; None for a token that this site did not give for this list."""
    try:
        return {*signing.loads(token, salt=f"{SALT}.{name}")}
    except signing.BadSignature:
        return None


def keys_after(page: Set[Key], keys: Iterable[Key]) -> Iterator[Key]:
    """The keys of a list that follow a page, without those of the page.

    They begin where the first remaining key of the page is now, or at the start of the list if no
    key remains. So a change of the list may repeat rows, and omits none.
    """
    keys, from_start = tee(keys)
    if next(dropwhile(lambda key: key not in page, keys), None) is None:
        keys = from_start
    return (key for key in keys if key not in page)
