import re
from argparse import ArgumentParser, ArgumentTypeError
from collections import Counter
from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from projects.retention import purge, purge_letters
from psf.text.dates import months_before

AGE = re.compile(r"(\d{1,4}) ?(days?|months?)?")


def day_of(age: str) -> date:
    """The day that lies so long before today: "30days", "6 months"; without a word, days."""
    found = AGE.fullmatch(age.strip())
    if not found:
        raise ArgumentTypeError(f"say how long, as in 30days or 6months, not {age!r}")
    number, unit = int(found[1]), found[2] or "days"
    today = timezone.localdate()
    return months_before(today, number) if unit[0] == "m" else today - timedelta(days=number)


class Command(BaseCommand):
    help = "Delete the contact persons whose time is over, with every trace of them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--older-than",
            type=day_of,
            default="0days",
            metavar="N(days|months)",
            help="only those whose last day lies longer than this ago (without: any that is over)",
        )
        parser.add_argument(
            "--letters-older-than",
            type=day_of,
            metavar="N(days|months)",
            help="also what letters said to applicants not funded, the last one longer ago",
        )
        parser.add_argument("--dry-run", action="store_true", help="only say what would be deleted")

    def handle(self, *args: Any, **options: Any) -> None:
        found = purge(options["older_than"], options["dry_run"])
        done = "would be deleted" if options["dry_run"] else "deleted"
        self._name(found)
        self.stdout.write(
            f"{found.total()} contact persons {done}: last day before {options['older_than']}."
        )
        if day := options["letters_older_than"]:
            letters = purge_letters(day, options["dry_run"])
            gone = "would be forgotten" if options["dry_run"] else "forgotten"
            self._name(letters)
            self.stdout.write(
                f"{letters.total()} letters {gone}: the last to their applicant before {day}."
            )

    def _name(self, found: Counter[str]) -> None:
        for reference, number in found.items():
            self.stdout.write(f"{reference}: {number}")
