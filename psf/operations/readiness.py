"""Whether this process can serve readers and save the work of staff."""

import os
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile
from threading import Lock, Thread
from time import monotonic

from django.conf import settings
from django.db import Error, connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from psf.database.sql import DIALECTS, for_database

SECONDS = 3  # for all checks together
MAX_AGE_SECONDS = 2  # strangers may ask too
MIN_FREE_BYTES = 50_000_000


def database_problem() -> str:
    """Why the database cannot be read and written, or an empty text."""
    connection = connections["default"]
    dialect = for_database(DIALECTS, connection)
    try:
        with connection.cursor() as cursor:
            cursor.execute(dialect.is_read_only)
            if cursor.fetchone()[0] in [1, "on"]:
                return "the database is read-only"
            for statement in [*dialect.begin_writing, "ROLLBACK"]:
                cursor.execute(statement)
    except Error:
        return "the database does not answer or cannot be written"
    return ""


@cache
def known_migrations() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).disk_migrations)


def migration_problem() -> str:
    try:
        applied = MigrationRecorder(connections["default"]).applied_migrations()
    except Error:
        return "the database does not answer"
    missing = known_migrations() - applied.keys()
    return f"{len(missing)} migrations are missing: run manage.py prepare" if missing else ""


def disk_problem() -> str:
    folders = {"MEDIA_ROOT": Path(settings.MEDIA_ROOT)}
    if connections["default"].vendor == "sqlite":
        folders["DATABASE_URL"] = Path(settings.DATABASES["default"]["NAME"]).parent
    for setting, folder in folders.items():
        existing = next(path for path in [folder, *folder.parents] if path.exists())
        if not os.access(existing, os.W_OK) or not can_write(existing):
            return f"the folder of {setting} cannot be written"
        if shutil.disk_usage(existing).free < MIN_FREE_BYTES:
            return "the disk is almost full"
    return ""


def can_write(folder: Path) -> bool:
    try:
        with TemporaryFile(dir=folder) as file:
            file.write(b"x" * 4096)
    except OSError:
        return False
    return True


CHECKS = {"database": database_problem, "migrations": migration_problem, "disk": disk_problem}


class Readiness:
    """Runs the checks in a thread, with a deadline: a frozen database never answers."""

    def __init__(self, checks: dict[str, Callable[[], str]] = CHECKS) -> None:
        self._checks = checks
        self._lock = Lock()
        self._problems: dict[str, str] = {}
        self._checked_at = float(-MAX_AGE_SECONDS)
        self._thread: Thread | None = None

    def problems(self) -> dict[str, str]:
        """The problem of each check, "" without a problem. The answer may be some seconds old."""
        with self._lock:
            if monotonic() - self._checked_at < MAX_AGE_SECONDS:
                return self._problems
            if self._thread is None or not self._thread.is_alive():
                self._thread = Thread(target=self._check, daemon=True)
                self._thread.start()
            self._thread.join(SECONDS)
            if self._thread.is_alive():
                return dict.fromkeys(self._checks, f"no answer within {SECONDS} seconds")
            self._checked_at = monotonic()
            return self._problems

    def _check(self) -> None:
        try:
            self._problems = {name: check() for name, check in self._checks.items()}
        finally:
            connections["default"].close()


readiness = Readiness()
