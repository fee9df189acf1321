import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from projects.checks import Severity, inconsistencies


class Command(BaseCommand):
    help = "List every inconsistency in the records, errors first. Exit 1 if there is an error."

    def handle(self, *args: Any, **options: Any) -> None:
        findings = inconsistencies()
        for finding in findings:
            address = settings.SITE_URL + finding.url
            self.stdout.write(f"{finding.severity.label}: {finding.sentence} {address}")
        if not findings:
            self.stdout.write("No inconsistencies.")
        if any(finding.severity == Severity.ERROR for finding in findings):
            sys.exit(1)
