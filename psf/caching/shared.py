"""The server of `CACHE_URL`, Redis or Valkey: counts and the data version of all servers.

It is not asked while it does not answer.
"""

import logging
from collections.abc import Callable
from functools import partial
from time import monotonic
from typing import Any, TypeVar

from django.core.cache import caches
from django.core.cache.backends.redis import RedisCache
from django.db import connection
from django.utils.crypto import salted_hmac
from redis import Redis, RedisError

from psf.environment import TIMEOUTS

AWAY_SECONDS = 10  # between two attempts to reach a server that does not answer

Answer = TypeVar("Answer")
logger = logging.getLogger(__name__)


class CacheServer:
    """What this process knows about the server."""

    def __init__(self) -> None:
        self.away_until = 0.0

    def ask(self, command: Callable[[], Answer], otherwise: Callable[[], Answer]) -> Answer:
        """The result of the command; that of `otherwise` after an error of the server."""
        if monotonic() >= self.away_until:
            try:
                return command()
            except RedisError as error:
                self.away_until = monotonic() + AWAY_SECONDS
                logger.warning("The cache server does not answer: %s", error)
        return otherwise()


cache_server = CacheServer()


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


class SharedVersion:
    """The data version of the primary database, in the server of `CACHE_URL`.

    One process reads the version from the database, and all processes use it. In the second half
    of its second, the next process that asks reads it again. While the cache server is away, each
    process asks the database.
    """

    RENEWAL_SECONDS = 0.5  # before a version expires

    def __init__(self, url: str) -> None:
        database = connection.settings_dict
        address = " ".join(str(database[part]) for part in ["HOST", "PORT", "NAME"])
        # Sites with one cache server, and databases of one site, have keys of their own.
        self.key = f"data-version:{salted_hmac('data version', address).hexdigest()}"
        self._client = Redis.from_url(url, **TIMEOUTS)

    def read(self) -> tuple[int, float] | None:
        """The version, and the seconds for which it stays valid; None if it must be read again."""
        pipeline = self._client.pipeline(transaction=False)
        pipeline.pttl(self.key)  # first: a version written in between is younger
        pipeline.get(self.key)
        milliseconds, version = cache_server.ask(pipeline.execute, lambda: [0, None])
        seconds = milliseconds / 1000
        return (int(version), seconds) if version and seconds > self.RENEWAL_SECONDS else None

    def write(self, version: int, seconds: float) -> None:
        """Give the version to all processes for as many seconds."""
        if (milliseconds := int(seconds * 1000)) > 0:
            store = partial(self._client.set, self.key, version, px=milliseconds)
            cache_server.ask(store, lambda: None)
