from argparse import ArgumentParser
from datetime import timedelta

from django.core.management.base import BaseCommand
from django.utils import timezone

from psf.audit.recording import KEEP_DAYS, purge_events
from psf.operations.backup_archive import whole_number


class Command(BaseCommand):
    help = "Delete old events of the audit log."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--older-than",
            type=whole_number(1, 36500),
            default=KEEP_DAYS,
            metavar="DAYS",
            help=f"days to keep ({KEEP_DAYS})",
        )

    def handle(self, *args: object, older_than: int, **options: object) -> None:
        number = purge_events(timezone.now() - timedelta(days=older_than))
        self.stdout.write(f"Events deleted from the audit log: {number}.")
