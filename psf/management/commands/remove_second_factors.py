from argparse import ArgumentParser

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from psf.accounts.second_factor import remove_second_factors
from psf.audit.models import Kind
from psf.audit.recording import record_event


class Command(BaseCommand):
    help = "Remove the second factors of an account whose owner lost them, and end its sessions."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="the name to sign in with")

    def handle(self, *args: object, name: str, **options: object) -> None:
        account = User.objects.filter(username=name).first()
        if account is None:
            raise CommandError(f"There is no account “{name}”.")
        number = remove_second_factors(account)
        record_event(Kind.ACCOUNT, account, "second factors removed by a command")
        self.stdout.write(f"Removed {number} second factors of “{name}”. All its sessions ended.")
