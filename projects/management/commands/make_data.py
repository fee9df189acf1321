from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from projects.sample_data.generator import make_data
from psf.operations.arguments import whole_number


class Command(BaseCommand):
    help = "Generate synthetic calls and projects, to try out and measure a large site."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--projects", type=whole_number(1, 10_000_000), required=True)
        parser.add_argument("--seed", type=int, default=7, help="another seed gives other records")
        parser.add_argument(
            "--add", action="store_true", help="allow a database that already has projects"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            counts = make_data(options["projects"], options["seed"], options["add"])
        except ValidationError as error:
            raise CommandError(f"Nothing was generated. {' '.join(error.messages)}") from error
        self.stdout.write(str(counts))
