import shutil
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from psf.database.sql import for_database
from psf.environment import make_private_folder
from psf.operations import backup_archive
from psf.operations.readiness import migration_problem


class Command(BaseCommand):
    help = "Restore the database and the uploaded files from an archive of the command backup."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--yes", action="store_true", help="overwrite existing data")

    def handle(self, *args: Any, **options: Any) -> None:
        source: Path = options["file"]
        if not source.is_file():
            raise CommandError(f"There is no file {source}.")
        copies = for_database(backup_archive.COPIES)
        if not options["yes"] and copies.is_occupied():
            raise CommandError(
                "The database is not empty. Add --yes to replace all records by the backup."
            )
        make_private_folder(settings.VAR_DIR)
        with backup_archive.scratch_folder(settings.VAR_DIR, "restore-") as folder:
            manifest = backup_archive.read_backup(source, folder)
            backup_archive.check_copy(manifest, folder)
            # Files first: each row then has its file.
            files = restore_files(folder / backup_archive.MEDIA, Path(settings.MEDIA_ROOT))
            copies.restore(folder)
        rows = sum(manifest["rows"].values())
        self.stdout.write(f"Restored {rows} rows and {files} files of {manifest['made_at']}.")
        if problem := migration_problem():
            self.stdout.write(f"The backup is older than this version: {problem}.")


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
