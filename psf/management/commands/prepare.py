from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.urls import reverse

from projects.models import Project
from psf.accounts.passwords import give_one_time_password
from psf.accounts.second_factor import renew_encryption
from psf.database.triggers import replace_lost_triggers


class Command(BaseCommand):
    help = "Prepare the database and the static files. You can run this command again at any time."
    requires_system_checks = []  # the checks take longer than the usual run

    def handle(self, *args: object, **options: object) -> None:
        try:
            self.migrate()
        finally:  # the version in use goes on after a failure
            replace_lost_triggers()
        if not Project.objects.exists():
            self.stdout.write("Loading the countries and the call of 2019 ...")
            call_command("load_countries")
            call_command("load_sample")
        if not User.objects.exists():
            self.make_first_account()
        renew_encryption()
        self.collect_static_files()

    def migrate(self) -> None:
        try:
            call_command("migrate", check_unapplied=True, verbosity=0)
        except SystemExit:
            refuse_database_of_old_version()
            self.stdout.write("Preparing the database ...")
            call_command("migrate", verbosity=0, interactive=False)

    def collect_static_files(self) -> None:
        """Collect the static files, unless no source has changed since the last time."""
        stamp, digest = Path(settings.STATIC_ROOT) / ".sources", digest_of_static_sources()
        if stamp.exists() and stamp.read_text(encoding="ascii") == digest:
            return
        self.stdout.write("Collecting the static files ...")
        call_command("collectstatic", verbosity=0, interactive=False)
        stamp.write_text(digest, encoding="ascii")

    def make_first_account(self) -> None:
        admin = User(username="admin", is_staff=True, is_superuser=True)
        password = give_one_time_password(admin)
        address = settings.SITE_URL + reverse("admin:index")
        self.stdout.write(
            f"First staff account: sign in at {address} as “{admin}” with the one-time password "
            f"{password} within seven days and choose a new password."
        )


def refuse_database_of_old_version() -> None:
    """Refuse a database that has only some of the migrations that a squashed migration replaces."""
    loader = MigrationLoader(connection)
    for migration in loader.replacements.values():
        applied = [key in loader.applied_migrations for key in migration.replaces]
        if any(applied) and not all(applied):
            raise CommandError(
                "This database is too old for this version: see “Upgrade” in docs/operations.md."
            )


def digest_of_static_sources() -> str:
    """Return a digest of the names, sizes and times of all static files."""
    sources = []
    for finder in get_finders():
        for name, storage in finder.list([]):
            status = Path(storage.path(name)).stat()
            sources.append((name, status.st_size, status.st_mtime_ns))
    return sha256(repr(sorted(sources)).encode()).hexdigest()
