from typing import Any

from django.core.management.base import BaseCommand

from partners.matching.duplicates import look_everywhere


class Command(BaseCommand):
    help = "Compare all organisations, country by country, for the staff's list of likely pairs."

    def handle(self, *args: Any, **options: Any) -> None:
        waiting = look_everywhere()
        words = "pair of organisations waits" if waiting == 1 else "pairs of organisations wait"
        self.stdout.write(f"{waiting} {words} for a decision.")
