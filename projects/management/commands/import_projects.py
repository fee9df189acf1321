from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, OutputWrapper

from projects.imports.apply import import_table
from projects.imports.cells import NOTATIONS, PLAIN
from projects.imports.parser import read_table
from projects.imports.plan import Author, Plan, make_plan
from projects.imports.preview import detail_lines, summary
from projects.imports.problems import Refused
from projects.models import Call


class Command(BaseCommand):
    help = (
        "Import the projects of a call from a CSV or XLSX file, one row for each partner. "
        "On an error nothing is saved. A second import of the same file changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the file; columns: docs/handbook/import.md")
        parser.add_argument(
            "--call", required=True, help="the address of the call, such as psf-2019"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="print the changes without saving"
        )
        parser.add_argument(
            "--notation",
            choices=list(NOTATIONS),
            default=PLAIN,
            help="how numbers and days are written; plain is 65000.50 and 2019-08-31",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        call, path = call_named(options["call"]), options["file"]
        try:
            table = read_table(path.read_bytes(), options["notation"])
            if options["dry_run"]:
                plan = make_plan(table, call, may_decide=True)
            else:
                plan = import_table(table, call, Author(path.name))
        except OSError as error:
            raise CommandError(
                f"Nothing was imported. The file cannot be opened: {error}."
            ) from error
        except Refused as refusal:
            raise CommandError(f"Nothing was imported.\n{refusal}") from refusal
        report(self.stdout, plan if plan.has_changes() else None, dry_run=options["dry_run"])


def report(out: OutputWrapper, plan: Plan | None, *, dry_run: bool) -> None:
    """Print what an import did or would do. Without a plan nothing changes."""
    if plan is None:
        out.write("Nothing changes. The records contain everything in the file.")
        return
    for line in detail_lines(plan) if dry_run else []:
        out.write(line)
    done = "Nothing was saved. The import would do this:" if dry_run else "Imported."
    out.write(" ".join([done, *summary(plan)]))


def call_named(slug: str) -> Call:
    """The call with this address. Raises CommandError with the known ones."""
    call = Call.objects.filter(slug=slug).first()
    if call is None:
        slugs = ", ".join(Call.objects.values_list("slug", flat=True)) or "none"
        raise CommandError(f"There is no call “{slug}”. Known calls: {slugs}.")
    return call
