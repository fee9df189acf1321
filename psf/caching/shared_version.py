"""The data version in Redis or Valkey, which the processes of all servers use together."""

from functools import partial

from django.db import connection
from django.utils.crypto import salted_hmac
from redis import Redis

from psf.caching.cache_server import cache_server
from psf.caching.cache_url import TIMEOUTS


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
