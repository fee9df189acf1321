"""Restores a database from its copy in a backup."""

import os
import shutil
from contextlib import suppress
from pathlib import Path

from django.apps import apps
from django.core.management.base import CommandError
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model

from psf.operations.dumps import NAMES, Counts, address_of, check_sqlite, count_rows
from psf.operations.moving import move_rows, tables
from psf.operations.programs import run_program

# The programs restore everything or nothing.
REPLACE_ALL = "DROP SCHEMA public CASCADE; CREATE SCHEMA public;\n"


def is_occupied(database: BaseDatabaseWrapper) -> bool:
    """Whether the database has tables already."""
    path = database.settings_dict["NAME"]
    if database.vendor == "sqlite" and not Path(path).exists():
        return False
    return bool(database.introspection.table_names())


def restore_database(folder: Path) -> None:
    """Replace the content of the database by the copy in the folder."""
    sqlite_copy, dump = folder / NAMES["sqlite"], folder / NAMES["postgresql"]
    if connection.vendor == "sqlite":
        if dump.exists():
            raise CommandError("A backup of PostgreSQL can be restored into PostgreSQL only.")
        replace_file(sqlite_copy, Path(connection.settings_dict["NAME"]))
    elif dump.exists():
        load_dump(dump)
    else:
        move_rows(sqlite_copy, apps)


def replace_file(source: Path, target: Path) -> None:
    """Put the copy in the place of the SQLite file. Open connections notice the new file."""
    check_sqlite(source)
    connections["default"].close()
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = target.with_name(f"{target.name}.new")
    shutil.copyfile(source, new)
    new.chmod(0o600)
    for suffix in ["-wal", "-shm"]:
        with suppress(FileNotFoundError):
            target.with_name(target.name + suffix).unlink()
    os.replace(new, target)


def load_dump(dump: Path) -> None:
    """Load a dump into PostgreSQL, in one transaction."""
    script = dump.with_suffix(".sql")
    options = ["--no-owner", "--no-privileges", "--no-comments", f"--file={script}"]
    run_program(["pg_restore", *options, str(dump)])
    address, secrets = address_of(connection)
    connection.close()
    prelude = dump.with_suffix(".prelude")
    prelude.write_text(REPLACE_ALL)
    options = ["--quiet", "--no-psqlrc", "--single-transaction", "--set=ON_ERROR_STOP=1"]
    files = [f"--file={prelude}", f"--file={script}"]
    run_program(["psql", *options, *files, address], secrets)


def tables_to_move() -> list[type[Model]]:
    return tables(apps)


def different_counts(expected: Counts) -> list[str]:
    """The tables whose numbers of rows are not the expected numbers."""
    found = count_rows(connections["default"])
    return [name for name, number in expected.items() if found.get(name) != number]
