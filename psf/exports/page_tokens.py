"""Opaque tokens that lead to the next page of a list in JSON."""

from django.core import signing

SALT = "psf.exports.page_tokens"


def token_of(position: int) -> str:
    return signing.dumps(position, salt=SALT)


def position_of(token: str) -> int | None:
    """The position in the list; None for a token that this site did not give."""
    try:
        return int(signing.loads(token, salt=SALT))
    except signing.BadSignature:
        return None
