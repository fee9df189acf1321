"""Dumps of a PostgreSQL database, and their restoration by the programs of PostgreSQL."""

from pathlib import Path

from django.apps import apps
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from psf.database.sql import count_rows
from psf.operations import sqlite
from psf.operations.move_to_postgresql import move_rows
from psf.operations.programs import run_program

COPY = "database.dump"
# The programs restore everything or nothing.
REPLACE_ALL = "DROP SCHEMA public CASCADE; CREATE SCHEMA public;\n"


def dump(folder: Path) -> tuple[Path, dict[str, int]]:
    """Count and copy in one snapshot, so that both describe the same moment."""
    target = folder / COPY
    with connection.cursor() as cursor:
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            cursor.execute("SET LOCAL statement_timeout = 0")
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            cursor.execute("SELECT pg_export_snapshot()")
            (snapshot,) = cursor.fetchone()
            counts = count_rows()
            options = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
            address, secrets = address_of(connection)
            run_program(["pg_dump", *options, f"--file={target}", address], secrets)
        finally:
            cursor.execute("ROLLBACK")
    run_program(["pg_restore", "--list", str(target)])
    return target, counts


def is_occupied() -> bool:
    return bool(connection.introspection.table_names())


def restore(folder: Path) -> None:
    """Replace the content of the database by the dump, or by the rows of a SQLite file."""
    source = folder / COPY
    if not source.exists():
        move_rows(folder / sqlite.COPY, apps)
        return
    script = source.with_suffix(".sql")
    options = ["--no-owner", "--no-privileges", "--no-comments", f"--file={script}"]
    run_program(["pg_restore", *options, str(source)])
    address, secrets = address_of(connection)
    connection.close()
    prelude = source.with_suffix(".prelude")
    prelude.write_text(REPLACE_ALL)
    options = ["--quiet", "--no-psqlrc", "--single-transaction", "--set=ON_ERROR_STOP=1"]
    options.append("--set=VERBOSITY=terse")  # details of an error quote rows
    files = [f"--file={prelude}", f"--file={script}"]
    run_program(["psql", *options, *files, address], secrets)


def address_of(database: BaseDatabaseWrapper) -> tuple[str, dict[str, str]]:
    """The address of a PostgreSQL database for its programs, and the password as environment."""
    settings = database.get_connection_params()
    names = ["dbname", "user", "host", "port", "sslmode"]
    words = [f"{name}='{settings[name]}'" for name in names if settings.get(name)]
    password = settings.get("password")
    return " ".join(words), {"PGPASSWORD": str(password)} if password else {}
