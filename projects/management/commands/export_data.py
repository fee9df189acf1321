from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from projects.open_data.package import copy_documents, write_package


class Command(BaseCommand):
    help = "Write all public data and published documents into a folder."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        try:
            version = write_package(folder)
            number = copy_documents(folder)
        except OSError as error:
            raise CommandError(f"The data set is incomplete. {error}.") from error
        self.stdout.write(
            f"Wrote version {version} of the public data and {number} documents to {folder}."
        )
