"""Consistent copies of a live database, with the number of rows of each table."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from psf.operations.programs import run_program

NAMES = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}
Counts = dict[str, int]


def dump_database(folder: Path) -> tuple[Path, Counts]:
    """Copy the database into the folder; return the checked copy and its numbers of rows."""
    target = folder / NAMES[connection.vendor]
    connection.ensure_connection()
    counts = (_dump_sqlite if connection.vendor == "sqlite" else _dump_postgresql)(target)
    return target, counts


def _dump_sqlite(target: Path) -> Counts:
    source: Any = connection.connection
    with closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
    return check_sqlite(target)


def check_sqlite(path: Path) -> Counts:
    """The numbers of rows of an intact database; raise CommandError for a damaged one."""
    try:
        with closing(sqlite3.connect(path)) as copy:
            (result,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
            orphan = copy.execute("PRAGMA foreign_key_check").fetchone()
            names = copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            counts = {
                name: copy.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]
                for (name,) in names
                if not name.startswith("sqlite_")
            }
    except sqlite3.DatabaseError as error:
        raise CommandError(f"The copy of the database is damaged: {error}") from error
    if result != "ok" or orphan:
        raise CommandError(f"The database is damaged: {orphan or result}")
    return counts


def _dump_postgresql(target: Path) -> Counts:
    """Count and copy in one snapshot, so that both describe the same moment."""
    with connection.cursor() as cursor:
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            cursor.execute("SET LOCAL statement_timeout = 0")
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            cursor.execute("SELECT pg_export_snapshot()")
            (snapshot,) = cursor.fetchone()
            counts = count_rows(connection)
            options = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
            address, secrets = address_of(connection)
            run_program(["pg_dump", *options, f"--file={target}", address], secrets)
        finally:
            cursor.execute("ROLLBACK")
    run_program(["pg_restore", "--list", str(target)])
    return counts


def count_rows(database: BaseDatabaseWrapper) -> Counts:
    with database.cursor() as cursor:
        counts = {}
        for name in database.introspection.table_names(cursor):
            cursor.execute(f'SELECT count(*) FROM "{name}"')
            counts[name] = cursor.fetchone()[0]
    return counts


def address_of(database: BaseDatabaseWrapper) -> tuple[str, dict[str, str]]:
    """The address of a PostgreSQL database for its programs, and the password as environment."""
    settings = database.get_connection_params()
    words = [
        f"{name}='{value}'"
        for name, value in [
            ("dbname", settings["dbname"]),
            ("user", settings.get("user")),
            ("host", settings.get("host")),
            ("port", settings.get("port")),
            ("sslmode", settings.get("sslmode")),
        ]
        if value
    ]
    password = settings.get("password")
    return " ".join(words), {"PGPASSWORD": str(password)} if password else {}
