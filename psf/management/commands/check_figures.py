import sys
from typing import Any

from django.core.management.base import BaseCommand

from psf.caching.data_version import versions
from psf.site.figure_check import find_differences


class Command(BaseCommand):
    help = "Count the public figures again from the records. Exit 1 if pages show other figures."

    def handle(self, *args: Any, **options: Any) -> None:
        differences: list[str] = []
        for _attempt in range(2):  # a change between the two counts looks like a difference
            versions.close()  # read the data version at once
            if not (differences := find_differences()):
                break
        self.stdout.write("\n".join(differences) or "All public figures equal the records.")
        if differences:
            sys.exit(1)
