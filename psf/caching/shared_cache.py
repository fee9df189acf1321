"""The cache of all servers: Redis or Valkey, and a cache of this server while Redis is away."""

from functools import partial
from typing import Any

from django.core.cache import caches
from django.core.cache.backends.redis import RedisCache

from psf.caching.cache_server import cache_server


def with_fallback(method: str) -> Any:
    """A method of Django's cache in Redis; without Redis, of the cache named by `FALLBACK`."""

    def ask(cache: "SharedCache", *args: Any, **kwargs: Any) -> Any:
        return cache_server.ask(
            partial(getattr(RedisCache, method), cache, *args, **kwargs),
            lambda: getattr(caches[cache.fallback], method)(*args, **kwargs),
        )

    return ask


class SharedCache(RedisCache):
    """Django's cache in Redis, with the methods that limits on attempts need."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        self.fallback = params.pop("FALLBACK")
        super().__init__(server, params)

    add, get, set = with_fallback("add"), with_fallback("get"), with_fallback("set")
    delete, incr = with_fallback("delete"), with_fallback("incr")
