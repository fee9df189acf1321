"""Programs that a test starts."""

import os
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

from django.db import connection

# Below `faulthandler_timeout`: pytest would end and leave the program running.
SECONDS = 400


def run(command: list[Any], **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a program to its end; both outputs are texts. A program that hangs is a failure."""
    return subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, **options)


def environment_with_copy(folder: Path) -> dict[str, str]:
    """The environment of a program that works on a copy of SQLite's database."""
    connection.ensure_connection()
    with closing(sqlite3.connect(folder / "db.sqlite3")) as copy:
        connection.connection.backup(copy)
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "PYTEST_XDIST_WORKER": "gw0",  # as a worker does, it takes the database named here
        "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3",
    }
