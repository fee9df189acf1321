"""Whether this process can serve readers and save the work of staff."""

import os
import shutil
from functools import cache, lru_cache
from pathlib import Path
from tempfile import TemporaryFile
from threading import Lock
from time import monotonic

from django.conf import settings
from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from psf.database.sql import DIALECTS, for_database, waiting_at_most

SECONDS = 3  # that a request waits for the checks of another one
MAX_AGE_SECONDS = 2  # strangers may ask too
MIN_FREE_BYTES = 50_000_000
_checking = Lock()


def database_problem() -> str:
    """Why the database cannot be read and written, or an empty text."""
    dialect = for_database(DIALECTS)
    try:
        with waiting_at_most(1), connection.cursor() as cursor:
            cursor.execute(dialect.is_read_only)
            if cursor.fetchone()[0] in [1, "on"]:
                return "the database is read-only"
            for statement in [dialect.begin_writing, "ROLLBACK"]:
                cursor.execute(statement)
    except Error:
        return "the database does not answer or cannot be written"
    return ""


@cache
def known_migrations() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).disk_migrations)


def migration_problem() -> str:
    try:
        applied = MigrationRecorder(connection).applied_migrations()
    except Error:
        return "the database does not answer"
    missing = known_migrations() - applied.keys()
    return f"{len(missing)} migrations are missing: run manage.py prepare" if missing else ""


def disk_problem() -> str:
    folders = {"MEDIA_ROOT": Path(settings.MEDIA_ROOT)}
    if connection.vendor == "sqlite":
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


def problems() -> dict[str, str]:
    """The problem of each check, "" without a problem. The answer may be some seconds old.

    One request at a time checks: a frozen database stops no other thread.
    """
    if not _checking.acquire(timeout=SECONDS):
        return dict.fromkeys(CHECKS, f"no answer within {SECONDS} seconds")
    try:
        return _problems(int(monotonic() // MAX_AGE_SECONDS))
    finally:
        _checking.release()


@lru_cache(maxsize=1)
def _problems(_period: int) -> dict[str, str]:
    return {name: check() for name, check in CHECKS.items()}
