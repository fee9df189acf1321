"""The progress of a long import, in a file. The import itself keeps the database busy."""

import json
import time
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from psf.environment import make_private_folder

EVERY = 0.5  # seconds
STOPPED_AFTER = 120  # seconds without a report


class ProgressState(NamedTuple):
    """The current step, the number of items done, and the total (0 if unknown)."""

    what: str
    done: int
    total: int


def _file_of(key: int) -> Path:
    return Path(settings.VAR_DIR) / "imports" / f"{key}.json"


class Reporter:
    """Writes the progress of an import at most twice a second."""

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


def progress_of(key: int) -> ProgressState | None:
    """The last report of an import; None if there is no recent report."""
    path = _file_of(key)
    try:
        age = time.time() - path.stat().st_mtime
        state = ProgressState(*json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    return state if age < STOPPED_AFTER else None
