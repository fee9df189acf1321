from datetime import timedelta

from django.core.management.base import BaseCommand
from django.utils import timezone

from psf.audit.recording import KEEP_DAYS, purge_events


class Command(BaseCommand):
    help = f"Delete events of the audit log that are older than {KEEP_DAYS} days."

    def handle(self, *args: object, **options: object) -> None:
        number = purge_events(timezone.now() - timedelta(days=KEEP_DAYS))
        self.stdout.write(f"Events deleted from the audit log: {number}.")
