import re
from argparse import ArgumentParser, ArgumentTypeError
from collections import Counter
from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from projects.personal_data.retention import (
    KEEP_ADDRESSES,
    KEEP_CONTACTS,
    KEEP_LETTERS,
    purge_addresses,
    purge_contacts,
    purge_letters,
)
from psf.text.dates import months_before

AGE = re.compile(r"(\d{1,4}) ?(days?|months?)")


def day_of(age: str) -> date:
    """The day this long before today: "30days", "6 months"."""
    match = AGE.fullmatch(age.strip())
    if not match:
        raise ArgumentTypeError(f"write a period such as 30days or 6months, not {age!r}")
    number, today = int(match[1]), timezone.localdate()
    return months_before(today, number) if match[2][0] == "m" else today - timedelta(days=number)


class Command(BaseCommand):
    help = "Delete contact persons, letters to unsuccessful applicants and addresses on time."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--older-than",
            type=day_of,
            default=f"{KEEP_CONTACTS}days",
            metavar="N(days|months)",
            help="only contacts that expired longer ago than this period",
        )
        parser.add_argument(
            "--letters-older-than",
            type=day_of,
            default=f"{KEEP_LETTERS}months",
            metavar="N(days|months)",
            help=f"only letters whose applicant got the last one earlier ({KEEP_LETTERS}months)",
        )
        parser.add_argument("--dry-run", action="store_true", help="only report, delete nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        action = "would be deleted" if options["dry_run"] else "deleted"
        day = options["older_than"]
        contacts = purge_contacts(day, options["dry_run"])
        self._list_projects(contacts)
        persons = "contact person" if contacts.total() == 1 else "contact persons"
        self.stdout.write(f"{contacts.total()} {persons} {action}: last day before {day}.")
        day = options["letters_older_than"]
        letters = purge_letters(day, options["dry_run"])
        self._list_projects(letters)
        texts = "letter" if letters.total() == 1 else "letters"
        self.stdout.write(
            f"{letters.total()} {texts} {action}: last letter to the applicant before {day}."
        )
        day = months_before(timezone.localdate(), KEEP_ADDRESSES)
        number = purge_addresses(day, options["dry_run"])
        self.stdout.write(f"Addresses of readers {action}: {number}, confirmed before {day}.")

    def _list_projects(self, counts: Counter[str]) -> None:
        for reference, number in counts.items():
            self.stdout.write(f"{reference}: {number}")
