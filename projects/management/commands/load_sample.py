from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from projects.sample_data.loader import SAMPLE, load_calls


class Command(BaseCommand):
    help = "Load the call of 2019 with its projects and organisations, unless already present."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            loaded = load_calls(SAMPLE)
        except ValidationError as error:
            raise CommandError(f"Nothing was loaded. {' '.join(error.messages)}") from error
        self.stdout.write(str(loaded))
