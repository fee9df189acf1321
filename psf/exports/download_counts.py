"""Counts of the downloads from each address, and how long an address must wait."""

from contextlib import suppress
from time import time

from django.core.cache import caches
from django.utils.crypto import salted_hmac

WINDOW_SECONDS = 60


def seconds_to_wait(address: str, most: int) -> int:
    """Count a download. Return 0, or the seconds until the address may download again.

    The cache stores a fingerprint of the address, for a minute.
    """
    window, elapsed = divmod(int(time()), WINDOW_SECONDS)
    key = salted_hmac("psf.downloads", f"{window} {address}").hexdigest()
    cache = caches["downloads"]
    cache.add(key, 0, WINDOW_SECONDS)
    with suppress(ValueError):  # the entry gave way to others
        return WINDOW_SECONDS - elapsed if cache.incr(key) > most else 0
    return 0
