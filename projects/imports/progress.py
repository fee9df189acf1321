"""How far a long import has come, kept beside the database: that one is busy with it."""

import json
import time
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from psf.environment import make_private_folder

EVERY = 0.5  # seconds
STOPPED_AFTER = 120  # seconds in which nothing was said


class Stand(NamedTuple):
    """What is being done, how much of it, of how much (0 where that is not known)."""

    what: str
    done: int
    total: int


def _file_of(key: int) -> Path:
    return Path(settings.VAR_DIR) / "imports" / f"{key}.json"


class Reporter:
    """Notes how far one import has come; in between it costs nothing."""

    def __init__(self, key: int) -> None:
        self.path = _file_of(key)
        make_private_folder(self.path.parent)
        self._next = 0.0

    def __call__(self, what: str, done: int, total: int) -> None:
        now = time.monotonic()
        if now >= self._next:
            self._next = now + EVERY
            draft = self.path.with_suffix(".new")
            draft.write_text(json.dumps([what, done, total]), encoding="utf-8")
            draft.replace(self.path)

    def end(self) -> None:
        self.path.unlink(missing_ok=True)


def stand_of(key: int) -> Stand | None:
    """What was said last; None if nothing was for so long that the import must have stopped."""
    path = _file_of(key)
    try:
        age = time.time() - path.stat().st_mtime
        stand = Stand(*json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    return stand if age < STOPPED_AFTER else None
