"""The caches, which count attempts to sign in and downloads. Pages have a cache of their own."""

import re
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from psf.environment import Environment

# In the database, so that all workers count alike. A write deletes what has expired, and only that.
IN_DATABASE = {
    "BACKEND": "django.core.cache.backends.db.DatabaseCache",
    "LOCATION": "psf_cache",
    "OPTIONS": {"MAX_ENTRIES": 0, "CULL_FREQUENCY": 1_000_000_000},
}
# Readers never write to the database.
IN_PROCESS = {
    "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
    "LOCATION": "downloads",
    "OPTIONS": {"MAX_ENTRIES": 10_000},
}
TIMEOUTS = {"socket_connect_timeout": 1, "socket_timeout": 1}  # in seconds


def caches(environ: Environment) -> dict[str, dict[str, Any]]:
    """Counts of sign-in (`default`) and of downloads, in Redis if CACHE_URL names a server."""
    if not (url := environ.get("CACHE_URL")):
        return {"default": IN_DATABASE, "downloads": IN_PROCESS}
    shared = {
        "BACKEND": "psf.caching.shared.SharedCache",
        "LOCATION": _checked(url),
        "OPTIONS": {"serializer": "django.core.signing.JSONSerializer", **TIMEOUTS},
    }
    return {
        "default": shared | {"FALLBACK": "database"},
        "downloads": shared | {"FALLBACK": "process"},
        "database": IN_DATABASE,
        "process": IN_PROCESS,
    }


def _checked(url: str) -> str:
    """The address of a Redis server. The error does not print a password."""
    try:
        parts = urlsplit(url)
        is_server = parts.scheme in ["redis", "rediss"] and parts.hostname and parts.port != 0
    except ValueError:
        is_server = False
    if not is_server or not re.fullmatch(r"/?[0-9]*", url.partition(parts.netloc)[2]):
        raise ImproperlyConfigured(
            "CACHE_URL must be redis://host, redis://:password@host:port/number or rediss://… for "
            "TLS."
        )
    if find_spec("redis") is None:
        raise ImproperlyConfigured("CACHE_URL needs a package: .venv/bin/pip install redis.")
    return url
