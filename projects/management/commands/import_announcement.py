from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from partners.country_data import countries_are_complete, load_countries
from projects.announcements.reader import parse_announcement
from projects.announcements.save import save_records
from projects.imports.preview import summary
from projects.management.commands.import_projects import call_named


class Command(BaseCommand):
    help = "Read the text of an announcement and save drafts of its call and projects."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="a text in UTF-8")
        parser.add_argument("--call", metavar="SLUG", help="the call to add the projects to")
        parser.add_argument("--dry-run", action="store_true", help="report without saving")
        parser.add_argument("--json", action="store_true", help="print the facts without saving")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            text = options["file"].read_text(encoding="utf-8-sig")
            with transaction.atomic():
                if not countries_are_complete():
                    load_countries()
                reading = parse_announcement(text)
                if options["json"]:
                    self.stdout.write(reading.as_json())
                    return
                into = options["call"] and call_named(options["call"])
                plan = save_records(reading, into or None, decided=True, by=None, typed={})
                transaction.set_rollback(options["dry_run"])
        except (OSError, UnicodeError) as error:
            raise CommandError(f"The file cannot be read as UTF-8 text: {error}.") from error
        except ValidationError as error:
            raise CommandError(f"Nothing was saved. {' '.join(error.messages)}") from error
        done = "Would be saved." if options["dry_run"] else "Saved as drafts."
        self.stdout.write(f"{plan.call}: {done} {' '.join(summary(plan))}")
        for project in plan.projects:
            self.stdout.writelines(f"{project.reference}: {note}" for note in project.notes)
        for flag in [flag for project in reading.projects for flag in project.flags]:
            self.stdout.write(f"line {flag.line}: {flag.sentence}")
        for line in reading.not_read():
            self.stdout.write(f"line {line.number}: not read: {line.text[:200]}")
