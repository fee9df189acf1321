import gc
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from projects.imports.apply import import_table
from projects.imports.csv_rows import ENCODINGS, UTF_8
from projects.imports.number_formats import NOTATIONS, PLAIN
from projects.imports.parser import Progress, nobody_asks, read_table
from projects.imports.plan import Plan, make_plan
from projects.imports.problems import Refused
from projects.imports.records import Author
from projects.imports.summary import details, summary
from projects.models import Call

WIDTH = 30


class Command(BaseCommand):
    help = (
        "Import a call's projects from a CSV, XLSX or JSON file, one row for each partner: "
        "everything, or nothing on an error. The same file again changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the file; columns: docs/handbook/import.md")
        parser.add_argument("--call", required=True, help="the address of the call, as psf-2019")
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would change, and change nothing"
        )
        parser.add_argument(
            "--encoding",
            choices=[name for name, _label in ENCODINGS],
            default=UTF_8,
            help="of a CSV file",
        )
        parser.add_argument(
            "--notation",
            choices=list(NOTATIONS),
            default=PLAIN,
            help="how numbers and days are written; plain is 65000.50 and 2019-08-31",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        call = Call.objects.filter(slug=options["call"]).first()
        if call is None:
            known = ", ".join(Call.objects.values_list("slug", flat=True)) or "none"
            raise CommandError(f"There is no call “{options['call']}”. Known calls: {known}.")
        try:
            plan = self._import(call, options)
        except OSError as error:
            raise CommandError(
                f"Nothing was imported. The file cannot be opened: {error}."
            ) from error
        except Refused as refusal:
            raise CommandError(f"Nothing was imported.\n{refusal}") from refusal
        self._report(plan, options["dry_run"])

    def _import(self, call: Call, options: dict[str, Any]) -> Plan:
        progress = self._progress()
        path: Path = options["file"]
        # A fifth of the time went into looking for garbage: this process ends soon anyway.
        gc.disable()
        try:
            table = read_table(path, options["encoding"], options["notation"], progress)
            if options["dry_run"]:
                return make_plan(table, call, may_decide=True, progress=progress)
            return import_table(table, call, Author(path.name), progress=progress)
        finally:
            gc.enable()

    def _report(self, plan: Plan, dry_run: bool) -> None:
        if not plan.changes():
            self.stdout.write("Nothing changes: everything in the file is in the records already.")
            return
        for line in details(plan) if dry_run else []:
            self.stdout.write(line)
        done = "Nothing was saved. This would be:" if dry_run else "Imported."
        self.stdout.write(" ".join([done, *summary(plan)]))

    def _progress(self) -> Progress:
        """A bar on the terminal; nothing where nobody looks."""
        if not self.stderr.isatty():
            return nobody_asks

        def show(what: str, done: int, total: int) -> None:
            filled = WIDTH * done // total if total else 0
            bar = f"[{'#' * filled:{WIDTH}}] {done} of {total}" if total else str(done)
            # `str` leaves out the red of errors.
            end = "\n" if done == total else ""
            self.stderr.write(f"\r{what}: {bar}\033[K", style_func=str, ending=end)
            self.stderr.flush()

        return show
