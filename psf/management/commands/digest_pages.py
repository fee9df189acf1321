import json
from typing import Any

from django.core.management.base import BaseCommand

from psf.operations.backup_proof import page_digests


class Command(BaseCommand):
    help = "Print the status and a digest of every public page as JSON, to compare two sites."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(json.dumps(page_digests(), indent=1))
