import shutil
from argparse import ArgumentParser
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from psf.database.sql import count_rows
from psf.environment import make_private_folder
from psf.operations import backup_archive, programs
from psf.operations.database_copies import COPIES
from psf.operations.move_to_postgresql import tables
from psf.operations.readiness import migration_problem

# Computed again, or filled by migrations, after rows have moved to another kind of database.
COMPUTED = (
    *("psf_search", "psf_dataversion", "sqlite_"),
    *("django_migrations", "django_content_type", "auth_permission", "auth_group_permissions"),
)


class Command(BaseCommand):
    help = "Restore the database and the uploaded files from an archive of the command backup."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--yes", action="store_true", help="overwrite existing data")
        parser.add_argument("--identity", default="", help="the file with the private key of age")

    def handle(self, *args: Any, **options: Any) -> None:
        source: Path = options["file"]
        if not source.is_file():
            raise CommandError(f"There is no file {source}.")
        copies = COPIES[connection.vendor]
        if not options["yes"] and copies.is_occupied():
            raise CommandError(
                "The database is not empty. Add --yes to replace all records by the backup."
            )
        make_private_folder(settings.VAR_DIR)
        with TemporaryDirectory(prefix="restore-", dir=settings.VAR_DIR) as name:
            folder = Path(name)
            if backup_archive.is_encrypted(source):
                plain = folder / "archive"
                programs.decrypt(source, plain, options["identity"])
                source = plain
            manifest = backup_archive.read_backup(source, folder)
            copies.restore(folder)
            files = restore_files(folder / "media", Path(settings.MEDIA_ROOT))
            self.compare(manifest)
        rows = sum(manifest["rows"].values())
        self.stdout.write(f"Restored {rows} rows and {files} files of {manifest['made_at']}.")
        if problem := migration_problem():
            self.stdout.write(f"The backup is older than this version: {problem}.")

    def compare(self, manifest: dict[str, Any]) -> None:
        is_moved = manifest["database"] != connection.vendor
        expected = {
            name: number
            for name, number in manifest["rows"].items()
            if not (is_moved and (name.startswith(COMPUTED) or is_computed(name)))
        }
        numbers = count_rows()
        if different := [name for name in expected if numbers.get(name) != expected[name]]:
            raise CommandError(f"Tables with other numbers of rows: {', '.join(different)}")


def is_computed(table: str) -> bool:
    """Whether no model owns the table, as with search documents."""
    return table not in {model._meta.db_table for model in tables(apps)}


def restore_files(source: Path, target: Path) -> int:
    """Copy the uploaded files; return their number. Files never change, so extra files stay."""
    number = 0
    for path in backup_archive.uploaded_files(source):
        copy = target / path.relative_to(source)
        make_private_folder(copy.parent)
        shutil.move(path, copy)
        copy.chmod(0o600)
        number += 1
    return number
