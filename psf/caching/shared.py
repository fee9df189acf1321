"""Counts in the server of `CACHE_URL`, Redis or Valkey, for all processes and servers."""

import logging
from time import monotonic
from typing import Any

from django.core.cache import caches
from django.core.cache.backends.redis import RedisCache
from redis import RedisError

AWAY_SECONDS = 10  # between two attempts to reach a server that does not answer

logger = logging.getLogger(__name__)


def with_fallback(method: str) -> Any:
    """A method of Django's cache in Redis; while the server is away, in the database."""

    def ask(cache: "SharedCache", *args: Any, **kwargs: Any) -> Any:
        if monotonic() >= SharedCache.away_until:
            try:
                return getattr(RedisCache, method)(cache, *args, **kwargs)
            except RedisError as error:
                SharedCache.away_until = monotonic() + AWAY_SECONDS
                logger.warning("The cache server does not answer: %s", error)
        return getattr(caches["database"], method)(*args, **kwargs)

    return ask


class SharedCache(RedisCache):
    """Django's cache in Redis, with the methods that limits on attempts need."""

    away_until = 0.0  # no cache of this process asks the server before

    add, get, set = with_fallback("add"), with_fallback("get"), with_fallback("set")
    delete, incr = with_fallback("delete"), with_fallback("incr")
