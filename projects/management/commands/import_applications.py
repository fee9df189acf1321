from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from projects.application_forms.batch import read_batch, save_batch
from projects.imports.plan import Author, Plan
from projects.imports.preview import detail_lines, summary
from projects.models import Call


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
        call = Call.objects.filter(slug=options["call"]).first()
        if call is None:
            slugs = ", ".join(Call.objects.values_list("slug", flat=True)) or "none"
            raise CommandError(f"There is no call “{options['call']}”. Known calls: {slugs}.")
        try:
            files = [(path.name, path.read_bytes()) for path in map(Path, options["files"])]
        except OSError as error:
            raise CommandError(
                f"Nothing was imported. A file cannot be opened: {error}."
            ) from error
        batch = read_batch(files, call)
        if batch.faulty:
            lines = [
                f"{sent_form.file_name}: {fault}"
                for sent_form in batch.faulty
                for fault in sent_form.faults
            ]
            raise CommandError("\n".join(["Nothing was imported.", *lines]))
        if batch.plan is None:
            self.stdout.write("Nothing changes. All files are saved already.")
        elif options["dry_run"]:
            for line in detail_lines(batch.plan):
                self.stdout.write(line)
            self._report("Nothing was saved. The import would do this:", batch.plan)
        else:
            self._report("Imported.", save_batch(batch, {}, Author("import_applications")))

    def _report(self, done: str, plan: Plan) -> None:
        self.stdout.write(" ".join([done, *summary(plan)]))
