from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from projects.deadlines.reminders import reminders, send_reminder
from projects.pages.call_mail import announce_open_call
from psf.text.mails import can_mail


class Command(BaseCommand):
    help = "Mail deadlines to accounts that manage awards, and an open call to waiting readers."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="print the mails, send and store nothing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        today, sent, failed = timezone.localdate(), 0, []
        only_prints = options["dry_run"] or not can_mail()
        for reminder in reminders(today):
            if only_prints:
                message = reminder.message(today)
                self.stdout.write(f"To: {message.to[0]}\nSubject: {message.subject}\n")
                self.stdout.write(str(message.body))
                continue
            try:
                sent += send_reminder(reminder, today)
            except (OSError, ValueError) as error:
                failed.append(f"{reminder.user}: {type(error).__name__}")
        if not only_prints:
            self.stdout.write(f"Reminders sent: {sent}.")
            if mails := announce_open_call():
                self.stdout.write(f"Readers told of the open call: {mails.count(True)}.")
                failed += ["a reader"] * mails.count(False)
        elif not can_mail():
            self.stdout.write("Nothing was sent, because EMAIL_URL names no mail server.")
        if failed:
            raise CommandError(f"Not sent: {'; '.join(failed)}. Check EMAIL_URL and run it again.")
