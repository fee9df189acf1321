from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from psf.search import maintenance
from psf.search.checks import check_indexes


class Command(BaseCommand):
    help = "Rebuild the search index from the records, and report the errors of the old index."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="only report; exit 1 if the index has errors"
        )

    def handle(self, *args: object, **options: object) -> None:
        errors = {index.kind: len(index.stale_records()) for index in maintenance.INDEXES}
        counts = ", ".join(f"{number} of the {kind}s" for kind, number in errors.items())
        if not options["check"]:
            maintenance.rebuild_indexes()
            self.stdout.write(f"The search index was rebuilt. Before, it was wrong for {counts}.")
        elif any(errors.values()):
            raise CommandError(f"The search index is wrong for {counts}. Run rebuild_search.")
        elif warnings := check_indexes(None, ["default"]):
            raise CommandError(f"{warnings[0].msg} Run rebuild_search.")
        else:
            self.stdout.write("The search index matches the records.")
