"""The cache of all servers: Redis or Valkey, and a cache of this server while Redis is away."""

from functools import partial
from typing import Any

from django.core.cache import caches
from django.core.cache.backends.redis import RedisCache

from psf.caching.cache_server import cache_server


class SharedCache(RedisCache):
    """Django's cache in Redis. An error of Redis leads to the cache named by `FALLBACK`.

    The methods are those that limits on attempts need.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        self.fallback = params.pop("FALLBACK")
        super().__init__(server, params)

    def add(self, *args: Any, **kwargs: Any) -> bool:
        return bool(self._call("add", *args, **kwargs))

    def get(self, *args: Any, **kwargs: Any) -> Any:
        return self._call("get", *args, **kwargs)

    def set(self, *args: Any, **kwargs: Any) -> None:
        self._call("set", *args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> bool:
        return bool(self._call("delete", *args, **kwargs))

    def incr(self, *args: Any, **kwargs: Any) -> int:
        return int(self._call("incr", *args, **kwargs))

    def _call(self, method: str, *args: Any, **kwargs: Any) -> Any:
        return cache_server.ask(
            partial(getattr(super(), method), *args, **kwargs),
            lambda: getattr(caches[self.fallback], method)(*args, **kwargs),
        )
