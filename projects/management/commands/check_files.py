import sys
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from projects.post_award.documents import compare_files
from psf.operations.backup_archive import whole_number


class Command(BaseCommand):
    help = "Compare uploaded files with their rows. Exit 1 if a file is missing or changed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--delete-orphans",
            action="store_true",
            help="delete files without a row; the history cannot restore their rows then",
        )
        parser.add_argument(
            "--older-than",
            type=whole_number(1, 36500),
            metavar="DAYS",
            help="delete only files without a row for that long",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        days = options["older_than"]
        if options["delete_orphans"] and not days:
            raise CommandError("Add --older-than DAYS.")
        comparison = compare_files()
        for document in comparison.missing:
            self.stdout.write(f"missing: the file of “{document}” ({document.project.reference})")
        for document in comparison.damaged:
            self.stdout.write(f"changed: the file of “{document}” ({document.project.reference})")
        before = timezone.now() - timedelta(days=days or 0)
        for path, since in comparison.orphans:
            if options["delete_orphans"] and since < before:
                path.unlink()
                self.stdout.write(f"deleted: {path}")
            else:
                self.stdout.write(f"without a row since {since:%Y-%m-%d}: {path}")
        if not any(comparison):
            self.stdout.write("Every file has a row, and every row a file.")
        if comparison.missing or comparison.damaged:
            sys.exit(1)
