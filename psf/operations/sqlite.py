"""Copies of a live SQLite database, and their restoration."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db import connection

from psf.environment import make_private_folder

COPY = "database.sqlite3"


def dump(folder: Path) -> dict[str, int]:
    """Copy the database into the folder; return the numbers of rows of the checked copy."""
    target = folder / COPY
    connection.ensure_connection()
    source: Any = connection.connection
    try:
        with closing(sqlite3.connect(target)) as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:  # such as a full disk
        raise CommandError(f"The database cannot be copied to {target}: {error}.") from error
    rows, _migrations = contents(folder)
    return rows


def contents(folder: Path) -> tuple[dict[str, int], set[tuple[str, str]]]:
    """The rows of each table, and the migrations; raise CommandError for a damaged database."""
    migrations: set[tuple[str, str]] = set()
    try:
        with closing(sqlite3.connect(folder / COPY)) as copy:
            (result,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
            orphan = copy.execute("PRAGMA foreign_key_check").fetchone()
            names = copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            counts = {
                name: copy.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]
                for (name,) in names
                if not name.startswith("sqlite_")
            }
            if "django_migrations" in counts:
                migrations.update(copy.execute("SELECT app, name FROM django_migrations"))
    except sqlite3.DatabaseError as error:
        raise CommandError(f"The copy of the database is damaged: {error}.") from error
    if result != "ok" or orphan:
        raise CommandError(f"The database is damaged: {orphan or result}.")
    return counts, migrations


def is_occupied() -> bool:
    path = Path(connection.settings_dict["NAME"])
    return path.exists() and bool(connection.introspection.table_names())


def restore(folder: Path) -> None:
    """Write the copy into the database in one transaction. Open connections see the new rows."""
    target = Path(connection.settings_dict["NAME"])
    connection.close()
    make_private_folder(target.parent)
    try:
        with (
            closing(sqlite3.connect(folder / COPY)) as copy,
            closing(sqlite3.connect(target)) as database,
        ):
            target.chmod(0o600)
            copy.backup(database)
    except sqlite3.Error as error:  # such as a full disk, or a damaged database
        raise CommandError(f"The database {target} cannot be replaced: {error}.") from error
