import sys
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from projects.post_award.orphan_files import compare


class Command(BaseCommand):
    help = "Compare uploaded files with the rows that name them. Exit 1 if one is missing or wrong."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--delete-orphans",
            action="store_true",
            help="delete files without a row; the history cannot bring their rows back then",
        )
        parser.add_argument(
            "--older-than", type=int, metavar="DAYS", help="only those without a row for so long"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        days = options["older_than"]
        if options["delete_orphans"] and (days is None or days < 1):
            raise CommandError("Say by --older-than DAYS which files to delete: at least 1.")
        found = compare()
        for document in found.missing:
            self._say(f"missing: the file of “{document}” ({document.project.reference})")
        for document in found.damaged:
            self._say(f"not as it came in: the file of “{document}” ({document.project.reference})")
        before = timezone.now() - timedelta(days=days or 0)
        for path, since in found.orphans:
            if options["delete_orphans"] and since < before:
                path.unlink()
                self._say(f"deleted: {path}")
            else:
                self._say(f"without a row since {since:%Y-%m-%d}: {path}")
        if not any(found):
            self._say("Every file has its row, and every row its file.")
        if found.missing or found.damaged:
            sys.exit(1)

    def _say(self, line: str) -> None:
        self.stdout.write(line)
