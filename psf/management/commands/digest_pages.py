import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from psf.operations.backup_proof import page_digests


class Command(BaseCommand):
    help = "Print the status and a digest of every public page as JSON, to compare two sites."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--at-most", type=int, default=0, help="number of pages")

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(json.dumps(page_digests(options["at_most"]), indent=1))
