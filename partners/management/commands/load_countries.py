from typing import Any

from django.core.management.base import BaseCommand

from partners.country_data import load_countries


class Command(BaseCommand):
    help = (
        "Load every country with its names in the languages of the region, and, where there are "
        "none yet, the memberships of the CBSS. Again without harm."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        load_countries()
        self.stdout.write("The countries with their names are up to date.")
