import socket
from argparse import ArgumentParser

from django.conf import settings
from django.core.mail import send_mail
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Mail to ERROR_MAIL_TO that a job of this machine failed. The mail quotes no log."
    requires_system_checks = []  # a failed check may be the reason

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("job", help="the name of its unit, such as psf-backup")

    def handle(self, *args: object, job: str, **options: object) -> None:
        if not settings.ERROR_MAIL_TO:
            self.stdout.write("No mail was sent: ERROR_MAIL_TO names no address.")
            return
        text = f"The job {job} failed on {socket.gethostname()}. Read why: journalctl -u {job}"
        try:
            send_mail(f"[{settings.SITE_URL}] {job} failed", text, None, settings.ERROR_MAIL_TO)
        except (OSError, ValueError) as error:
            raise CommandError(f"The mail that {job} failed was not sent: {error}.") from error
