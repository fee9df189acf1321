"""The server of `CACHE_URL`, Redis or Valkey: it is not asked while it does not answer."""

import logging
from collections.abc import Callable
from time import monotonic
from typing import TypeVar

from redis import RedisError

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
