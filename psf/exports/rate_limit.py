"""The limit on downloads from one address, counted in each process."""

from threading import Lock
from time import monotonic

WINDOW_SECONDS = 60


class RateLimit:
    """Counts the downloads of each address in a window of a minute."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._began_at = 0.0
        self._counts: dict[str, int] = {}

    def seconds_to_wait(self, address: str, most: int) -> int:
        """Count a download. Return 0, or the seconds until the address may download again."""
        now = monotonic()
        with self._lock:
            if now >= self._began_at + WINDOW_SECONDS:
                self._began_at = now
                self._counts.clear()
            count = self._counts[address] = self._counts.get(address, 0) + 1
            if count <= most:
                return 0
            return max(1, int(self._began_at + WINDOW_SECONDS - now))


downloads = RateLimit()
