from typing import Any, cast

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError
from django.template import engines
from django.urls import reverse

from projects.models import Project
from psf.accounts import passwords as accounts
from psf.compiled import compile_all


class Command(BaseCommand):
    help = "Make the database, static files and templates ready to be served. Again without harm."

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
        self.compile_templates()

    def compile_templates(self) -> None:
        try:
            compile_all(cast(Any, engines.all()[0]).env)
        except OSError as error:
            self.stderr.write(f"Templates are compiled at each start instead of now: {error}")

    def make_first_account(self) -> None:
        admin = User(username="admin", is_staff=True, is_superuser=True)
        password = accounts.give_one_time_password(admin)
        address = settings.SITE_URL + reverse("admin:index")
        self.stdout.write(
            f"First staff account: sign in at {address} as “{admin}” with the one-time password "
            f"{password} and choose your own."
        )
