from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from psf.history.triggers import check_triggers, create_missing_triggers
from psf.search.index import INDEXES
from psf.search.maintenance import rebuild_indexes


class Command(BaseCommand):
    help = (
        "Create missing triggers, rebuild the search index from the records, "
        "and report the errors of the old index."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="only report; exit 1 if the index has errors"
        )

    def handle(self, *args: object, **options: object) -> None:
        errors = {index.kind: len(index.stale_records()) for index in INDEXES}
        counts = ", ".join(f"{number} of the {kind}s" for kind, number in errors.items())
        if not options["check"]:
            with transaction.atomic():
                create_missing_triggers()
                rebuild_indexes()
            self.stdout.write(f"The search index was rebuilt. Before, it was wrong for {counts}.")
        elif any(errors.values()):
            raise CommandError(f"The search index is wrong for {counts}. Run rebuild_search.")
        elif warnings := check_triggers(None, ["default"]):
            raise CommandError(f"{warnings[0].msg} Run rebuild_search.")
        else:
            self.stdout.write("The search index matches the records.")
