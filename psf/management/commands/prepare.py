from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError
from django.urls import reverse

from projects.models import Project
from psf.accounts import passwords as accounts
from psf.environment import make_private_folder


class Command(BaseCommand):
    help = "Prepare the database and the static files. You can run this command again at any time."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            call_command("migrate", verbosity=0, interactive=False)
        except OperationalError as error:
            raise CommandError(f"The database cannot be reached: {error}") from error
        if not Project.objects.exists():
            call_command("load_countries")
            call_command("load_sample")
        if not User.objects.exists():
            self.make_first_account()
        call_command("collectstatic", verbosity=0, interactive=False)
        make_private_folder(settings.COMPILED_TEMPLATES)

    def make_first_account(self) -> None:
        admin = User(username="admin", is_staff=True, is_superuser=True)
        password = accounts.give_one_time_password(admin)
        address = settings.SITE_URL + reverse("admin:index")
        self.stdout.write(
            f"First staff account: sign in at {address} as “{admin}” with the one-time password "
            f"{password} and choose your own."
        )
