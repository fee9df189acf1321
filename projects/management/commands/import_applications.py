from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from projects.application_forms.batch import Batch, read_batch, save_batch
from projects.imports.plan import Author
from projects.imports.preview import detail_lines, summary
from projects.management.commands.import_projects import call_named


class Command(BaseCommand):
    help = (
        "Import filled application forms of a call, one file for each application. "
        "On an error nothing is saved. A second import of the same files changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, help="the workbooks (.xlsx)")
        parser.add_argument(
            "--call", required=True, help="the address of the call, such as psf-2027"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="print the changes without saving"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        call = call_named(options["call"])
        try:
            files = [(path.name, path.read_bytes()) for path in map(Path, options["files"])]
            batch = read_batch(files, call)
            if not batch.faulty and batch.forms and not options["dry_run"]:
                save_batch(batch, Author("import_applications"))
        except OSError as error:
            raise CommandError(
                f"Nothing was imported. A file cannot be opened: {error}."
            ) from error
        self._report(batch, options["dry_run"])

    def _report(self, batch: Batch, dry_run: bool) -> None:
        if batch.faulty:
            faults = [
                f"{read.file_name}: {fault}" for read in batch.faulty for fault in read.faults
            ]
            raise CommandError("\n".join(["Nothing was imported.", *faults]))
        if batch.plan is None:
            self.stdout.write("Nothing changes. All files are saved already.")
            return
        for line in detail_lines(batch.plan) if dry_run else []:
            self.stdout.write(line)
        done = "Nothing was saved. The import would do this:" if dry_run else "Imported."
        self.stdout.write(" ".join([done, *summary(batch.plan)]))
