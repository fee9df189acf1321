import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from psf.database.sql import for_database
from psf.operations import backup_proof
from psf.operations.backup_archive import COPIES, scratch_folder, whole_number, write_backup


class Command(BaseCommand):
    help = "Save the database and the uploaded files in one checked archive. The site may run."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the archive, such as /backup/psf.tar.gz")
        parser.add_argument(
            "--keep",
            type=whole_number(1, 9999),
            metavar="N",
            help="keep N archives: FILE, FILE.1, …, and delete older ones; default: replace FILE",
        )
        parser.add_argument(
            "--prove", action="store_true", help="restore the archive and compare all public pages"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        target: Path = options["file"].absolute()
        if not target.parent.is_dir():
            raise CommandError(f"The folder {target.parent} does not exist.")
        if target.is_dir():
            raise CommandError(f"{target} is a folder: name a file in it.")
        os.umask(0o077)
        with scratch_folder(target.parent, ".psf-backup-") as folder:
            version = backup_proof.read_version()
            archive, rows = self.write(folder)
            if not rows:
                raise CommandError("The database is empty: check DATABASE_URL.")
            if options["prove"]:
                self.stdout.write(backup_proof.prove(archive, folder, version))
            size = archive.stat().st_size / 1e6
            if options["keep"]:
                rotate(target, options["keep"])
            os.replace(archive, target)
        self.stdout.write(f"Saved {target}: {rows} rows, {size:.1f} MB.")

    def write(self, folder: Path) -> tuple[Path, int]:
        copies = for_database(COPIES)
        archive, counts = folder / "archive", copies.dump(folder)
        write_backup(archive, folder / copies.COPY, Path(settings.MEDIA_ROOT), counts)
        return archive, sum(counts.values())


def rotate(target: Path, keep: int) -> None:
    """Rename FILE to FILE.1, FILE.1 to FILE.2 and so on; delete what is beyond the number."""
    names = [target, *(target.with_name(f"{target.name}.{place}") for place in range(1, keep))]
    for older, newer in reversed([*zip(names[1:], names, strict=False)]):
        if newer.exists():
            os.replace(newer, older)
    beyond = keep
    while (surplus := target.with_name(f"{target.name}.{beyond}")).exists():
        surplus.unlink()
        beyond += 1
