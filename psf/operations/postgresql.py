"""Dumps of a PostgreSQL database, and their restoration by the programs of PostgreSQL."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Any

from django.apps import apps
from django.apps.registry import Apps
from django.core.management import CommandError, call_command
from django.core.management.color import no_style
from django.db import connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.models import Field, Model

from psf.database import triggers
from psf.database.sql import chunked, count_rows
from psf.operations import sqlite

SOURCE = "backup"
ROWS_AT_ONCE = 500
PLAN = ["the rows of another database"]  # as before and after migrations


def move_rows(path: Path, apps: Apps) -> None:
    """Replace all rows of the default database by the rows of the file, in one transaction.

    No trigger runs while rows are loaded, so the history is the history of the file. The
    documents of the search are written again afterwards.
    """
    settings = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(path), "OPTIONS": {}}
    connections.settings[SOURCE] = connections.settings["default"] | settings
    try:
        # The default database first: installers of triggers may read it.
        for name in ["default", SOURCE]:
            call_command("migrate", database=name, verbosity=0, interactive=False)
        with transaction.atomic(), connections["default"].cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")
            triggers.drop_all_triggers("default", PLAN)
            models = tables(apps)
            names = ", ".join(f'"{model._meta.db_table}"' for model in models)
            cursor.execute(f"TRUNCATE {names} CASCADE")
            for model in models:
                insert_rows(model, cursor)
            for statement in connections["default"].ops.sequence_reset_sql(no_style(), models):
                cursor.execute(statement)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            triggers.install_all_triggers("default", apps, PLAN)
    finally:
        connections[SOURCE].close()
        del connections[SOURCE], connections.settings[SOURCE]


def tables(apps: Apps) -> list[type[Model]]:
    """The models that own a table. The documents of the search are written anew."""
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    ]


def insert_rows(model: type[Model], cursor: CursorWrapper) -> None:
    fields: list[Field[Any, Any]] = list(model._meta.concrete_fields)
    columns = ", ".join(f'"{field.column}"' for field in fields)
    row_of_marks = f"({', '.join(['%s'] * len(fields))})"
    names = [field.attname for field in fields]
    source = model._base_manager.using(SOURCE).order_by("pk").values_list(*names)
    for rows in chunked(source.iterator(chunk_size=ROWS_AT_ONCE), ROWS_AT_ONCE):
        marks = ", ".join([row_of_marks] * len(rows))
        sql = f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES {marks}'
        pairs = (pair for row in rows for pair in zip(fields, row, strict=True))
        values = [field.get_db_prep_save(value, connections["default"]) for field, value in pairs]
        cursor.execute(sql, values)


def run_program(command: Sequence[str], environment: Mapping[str, str] | None = None) -> str:
    """The output of a program; raise CommandError with its last words if it is missing or fails."""
    name = Path(command[0]).name
    if shutil.which(command[0]) is None:
        raise CommandError(f"{name} is missing. On Debian: apt install postgresql-client")
    result = subprocess.run(
        command, env={**os.environ, **(environment or {})}, capture_output=True, text=True
    )
    if result.returncode:
        raise CommandError(f"{name} failed: {result.stderr.strip()[-500:]}")
    return result.stdout


COPY = "database.dump"
# The programs restore everything or nothing.
REPLACE_ALL = "DROP SCHEMA public CASCADE; CREATE SCHEMA public;\n"
SCRIPT = "database.sql"  # the copy as SQL
ROWS_FOLLOW = re.compile(rb'COPY public\."?(\w+)"? \((.*)\) FROM stdin;\n')
END_OF_ROWS = b"\\.\n"


def dump(folder: Path) -> dict[str, int]:
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
    return counts


def contents(folder: Path) -> tuple[dict[str, int], set[tuple[str, str]]]:
    """The rows of each table, and the migrations, of the dump in the folder, written as SQL."""
    script = folder / SCRIPT
    options = ["--no-owner", "--no-privileges", "--no-comments", f"--file={script}"]
    run_program(["pg_restore", *options, str(folder / COPY)])
    counts: dict[str, int] = {}
    migrations: set[tuple[str, str]] = set()
    with script.open("rb") as lines:
        for line in lines:
            if not (start := ROWS_FOLLOW.fullmatch(line)):
                continue
            table, columns = start[1].decode(), start[2].decode().split(", ")
            counts[table] = 0
            for row in takewhile(lambda row: row != END_OF_ROWS, lines):
                counts[table] += 1
                if table == "django_migrations":
                    values = dict(zip(columns, row.decode().split("\t"), strict=True))
                    migrations.add((values["app"], values["name"]))
    return counts, migrations


def is_occupied() -> bool:
    return bool(connection.introspection.table_names())


def restore(folder: Path) -> None:
    """Replace the content of the database by the dump, or by the rows of a SQLite file."""
    script = folder / SCRIPT
    if not script.exists():
        move_rows(folder / sqlite.COPY, apps)
        return
    address, secrets = address_of(connection)
    connection.close()
    prelude = script.with_suffix(".prelude")
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
