from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from projects.application_forms.batch import Batch, read_batch, save_batch
from projects.imports.plan import Author
from projects.imports.problems import Refused
from projects.management.commands.import_projects import call_named, report


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
            batch = read_batch(self._contents([*map(Path, options["files"])]), call)
            faults = [
                f"{form.file_name}: {why}"
                for form in batch.stopped
                for why in [*form.faults, *form.obstacles]
            ]
            if faults := [*faults, *_questions(batch)]:
                raise CommandError("\n".join(["Nothing was imported.", *faults]))
            if batch.forms and not options["dry_run"]:
                save_batch(batch, Author("import_applications"))
        except (OSError, Refused) as error:
            raise CommandError(f"Nothing was imported. {error}") from error
        report(self.stdout, batch.plan, dry_run=options["dry_run"])

    def _contents(self, paths: list[Path]) -> Iterator[tuple[str, bytes]]:
        """Name and content of each file, with a line that counts them."""
        for number, path in enumerate(paths, start=1):
            self.stderr.write(f"\rReading {number} of {len(paths)}", ending="")
            yield path.name, path.read_bytes()
        self.stderr.write("")


def _questions(batch: Batch) -> Iterator[str]:
    """What only a person can answer: whether names mean organisations that are recorded."""
    for row in batch.plan.uncertain() if batch.plan else []:
        names = ", ".join(f"“{name}”" for _key, name, _why in row.options())
        yield (
            f"{batch.forms[row.row - 1].file_name}: “{row.name}” ({row.country}) may mean {names}. "
            "Save this file on the page “Add applications”, which asks."
        )
