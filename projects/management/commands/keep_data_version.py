from typing import Any

from django.core.management.base import BaseCommand

from projects.open_data.package import keep_version


class Command(BaseCommand):
    help = "Keep the public data as a dated version, if they changed since the last version."

    def handle(self, *args: Any, **options: Any) -> None:
        version = keep_version()
        self.stdout.write(
            f"Kept {version.name()}, {version.size} bytes." if version else "No new version."
        )
