from typing import Any

from django.core.management.base import BaseCommand

from partners.matching.duplicates import find_all_duplicates


class Command(BaseCommand):
    help = "Compare all organisations, country by country, for the staff's list of likely pairs."

    def handle(self, *args: Any, **options: Any) -> None:
        waiting = find_all_duplicates()
        words = "pair of organisations waits" if waiting == 1 else "pairs of organisations wait"
        self.stdout.write(f"{waiting} {words} for a decision.")
