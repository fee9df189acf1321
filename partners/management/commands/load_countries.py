from typing import Any

from django.core.management.base import BaseCommand

from partners.country_data import load_countries


class Command(BaseCommand):
    help = (
        "Load every country with its names in the languages of the region, and, where there are "
        "none yet, the memberships of the CBSS. Again without harm."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        loaded = load_countries()
        self.stdout.write(
            f"{loaded.countries} countries are up to date: {loaded.names} names and "
            f"{loaded.memberships} memberships were added."
        )
