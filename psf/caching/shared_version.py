"""The data version in Redis or Valkey, which the processes of all servers use together."""

import logging
from collections.abc import Callable
from functools import partial
from time import monotonic
from typing import Any

from django.db import connection
from django.utils.crypto import salted_hmac
from redis import Redis, RedisError

from psf.caching.shared_cache import AWAY_SECONDS

ANSWER_SECONDS = 0.2  # the database answers sooner than a slow cache server

logger = logging.getLogger(__name__)


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
        self._client = Redis.from_url(
            url, socket_connect_timeout=ANSWER_SECONDS, socket_timeout=ANSWER_SECONDS
        )
        self._away_until = 0.0

    def read(self) -> tuple[int, float] | None:
        """The version, and the seconds for which it stays valid; None if it must be read again."""
        pipeline = self._client.pipeline(transaction=False)
        pipeline.pttl(self.key)  # first: a version written in between is younger
        pipeline.get(self.key)
        milliseconds, version = self._ask(pipeline.execute) or (0, None)
        seconds = milliseconds / 1000
        return (int(version), seconds) if version and seconds > self.RENEWAL_SECONDS else None

    def write(self, version: int, seconds: float) -> None:
        """Give the version to all processes for as many seconds."""
        if (milliseconds := int(seconds * 1000)) > 0:
            self._ask(partial(self._client.set, self.key, version, px=milliseconds))

    def _ask(self, command: Callable[[], Any]) -> Any:
        """The answer; None while the cache server is away."""
        if monotonic() >= self._away_until:
            try:
                return command()
            except RedisError as error:
                self._away_until = monotonic() + AWAY_SECONDS
                logger.warning("The cache server does not answer: %s", error)
        return None
