import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from projects.checks.base import Severity
from projects.checks.work_list import inconsistencies
from projects.eligibility.frozen_checks import changed_evidence


class Command(BaseCommand):
    help = "List every inconsistency in the records, errors first. Exit 1 if there is an error."

    def handle(self, *args: Any, **options: Any) -> None:
        evidence = changed_evidence()
        for row in evidence:
            self.stdout.write(
                f"error: the evidence {row} of {row.taken_at:%Y-%m-%d %H:%M} UTC does not have its "
                "check sum. Restore the row from a backup."
            )
        findings = inconsistencies()
        for finding in findings:
            address = settings.SITE_URL + finding.url
            self.stdout.write(f"{finding.severity.label}: {finding.sentence} {address}")
        if not findings and not evidence:
            self.stdout.write("No inconsistencies.")
        if evidence or any(finding.severity == Severity.ERROR for finding in findings):
            sys.exit(1)
