from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from projects.open_data.rebuild import rebuild


class Command(BaseCommand):
    help = "Rebuild the public records from a folder of export_data, in an empty database."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        try:
            self.stdout.write(rebuild(folder))
        except (OSError, ValueError, KeyError) as error:
            raise CommandError(f"Nothing was loaded. {folder} is no data set: {error}") from error
        except ValidationError as error:
            raise CommandError(f"Nothing was loaded. {' '.join(error.messages)}") from error
