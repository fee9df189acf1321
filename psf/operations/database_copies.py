"""The copies of a database in backups. Each kind of database has a module of its own."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from psf.operations import postgresql, sqlite

# Each module has the same functions.
COPIES: dict[str, Any] = {"sqlite": sqlite, "postgresql": postgresql}


def check_copy(manifest: dict[str, Any], folder: Path) -> None:
    """Raise CommandError unless this version can restore the copy of a backup in the folder."""
    vendor = manifest["database"]
    if vendor not in COPIES or not (folder / COPIES[vendor].COPY).exists():
        raise CommandError("The backup has no copy of a database.")
    if vendor == "postgresql" != connection.vendor:
        raise CommandError("A backup of PostgreSQL can be restored into PostgreSQL only.")
    rows, applied = COPIES[vendor].contents(folder)
    names = sorted(rows.keys() | manifest["rows"].keys())
    if different := [name for name in names if rows.get(name) != manifest["rows"].get(name)]:
        raise CommandError(f"Tables with other numbers of rows: {', '.join(different[:5])}.")
    if not [app for app, _name in applied if app == "psf"]:
        raise CommandError("The backup is of another application.")
    if newer := sorted(f"{app}.{name}" for app, name in unknown_migrations(applied)):
        raise CommandError(
            "The backup comes from a newer version of the application: upgrade first. "
            f"This version does not know {', '.join(newer[:5])}."
        )


def unknown_migrations(applied: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """The migrations that the apps of this version do not have and have not replaced."""
    migrations = MigrationLoader(None).disk_migrations
    replaced = {name for migration in migrations.values() for name in migration.replaces}
    apps = {app for app, _name in migrations}
    return {(app, name) for app, name in applied - migrations.keys() - replaced if app in apps}
