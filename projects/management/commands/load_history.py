from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from projects.sample_data.loader import HISTORY, load_calls


class Command(BaseCommand):
    help = "Load the known calls of other years. Calls that are already present are not changed."
    file = HISTORY

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.stdout.write(load_calls(self.file))
        except ValidationError as error:
            raise CommandError(f"Nothing was loaded. {' '.join(error.messages)}") from error
