import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from projects.checks import Severity, inconsistencies


class Command(BaseCommand):
    help = "Name every inconsistency in the records, the worst first. Exit 1 if one is an error."

    def handle(self, *args: Any, **options: Any) -> None:
        findings = inconsistencies()
        for found in findings:
            address = settings.SITE_URL + found.url
            self.stdout.write(f"{found.severity.label}: {found.sentence} {address}")
        if not findings:
            self.stdout.write("The records agree with each other.")
        if any(found.severity == Severity.ERROR for found in findings):
            sys.exit(1)
