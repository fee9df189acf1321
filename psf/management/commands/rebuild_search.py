from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from psf.search import maintenance as upkeep


class Command(BaseCommand):
    help = "Make the search index anew from the records, and say what was wrong with it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="change nothing; exit 1 if anything is wrong"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = {index.kind: len(index.stale()) for index in upkeep.INDEXES}
        said = ", ".join(f"{number} of the {kind}s" for kind, number in wrong.items())
        if not options["check"]:
            upkeep.mend()
            self.stdout.write(f"The search index was made anew. It had been wrong for {said}.")
        elif any(wrong.values()):
            raise CommandError(f"The search index is wrong for {said}. Run rebuild_search.")
        else:
            self.stdout.write("The search index says what the records say.")
