from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from projects.personal_data.mentions import erase_person, find_mentions
from projects.personal_data.retention import MIN_LENGTH


class Command(BaseCommand):
    help = "List every stored text that names a person, or erase the person."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("text", help="a name, an e-mail address or a telephone number")
        parser.add_argument(
            "--erase",
            action="store_true",
            help="delete the contact persons, and redact the letters and their history",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        text = options["text"].strip()
        if len(text) < MIN_LENGTH:
            raise CommandError(f"Write at least {MIN_LENGTH} characters.")
        if options["erase"]:
            erasure = erase_person(text, None)
            self.stdout.write(
                f"Contact persons deleted: {erasure.contacts}. Letters redacted: {erasure.letters}."
            )
        mentions = [*find_mentions(text)]
        for mention in mentions:
            self.stdout.write(f"{mention.record}\t{mention.field}\t{mention.excerpt}")
        if not mentions:
            self.stdout.write(f"No stored text has “{text}”.")
