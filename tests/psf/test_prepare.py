import re

import pytest
from django.contrib.auth.models import User
from django.contrib.staticfiles.finders import get_finder
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from partners.models import Country
from projects.models import Project
from psf.accounts.passwords import has_one_time_password
from psf.database.triggers import drop_all_triggers, existing_triggers
from psf.management.commands import prepare as module
from tests.support.factories import make_project

pytestmark = pytest.mark.django_db


@pytest.fixture
def prepare(capsys, settings, tmp_path):
    settings.STATIC_ROOT = tmp_path

    def run():
        call_command("prepare")
        return "".join(capsys.readouterr())

    return run


@pytest.fixture
def site():
    """A site with a project and an account, so that nothing is loaded."""
    make_project()
    User.objects.create_superuser("anna")


def password_in(output):
    return re.search(r"one-time password (\S+)", output)


def test_an_empty_database_receives_the_2019_call_and_a_first_account(prepare, client, tmp_path):
    output = prepare()

    assert Project.objects.filter(call__slug="psf-2019").count() == 5
    assert Country.objects.count() > 200
    assert (tmp_path / "admin" / "css" / "base.css").exists()

    assert "http://127.0.0.1:8000/admin/" in output
    form = {"username": "admin", "password": password_in(output)[1]}
    assert client.post("/admin/login/?next=/admin/", form).status_code == 302
    assert client.get("/admin/").url == "/admin/password_change/"


def test_a_changed_static_file_is_collected_again(prepare, site, settings, tmp_path):
    prepare()
    assert prepare() == ""
    source = tmp_path / "source"
    source.mkdir()
    (source / "new.css").write_text("p {}")
    settings.STATICFILES_DIRS = [source]
    get_finder.cache_clear()
    assert prepare() == "Collecting the static files ...\n"
    assert (tmp_path / "new.css").exists()
    get_finder.cache_clear()


def test_unapplied_migrations_are_applied(prepare, site, monkeypatch):
    calls = []

    def call(name, **options):
        calls.append((name, options))
        if "check_unapplied" in options:
            raise SystemExit(1)

    monkeypatch.setattr(module, "call_command", call)
    monkeypatch.setattr(module.Command, "collect_static_files", lambda self: None)
    assert prepare() == "Preparing the database ...\n"
    assert [name for name, _options in calls] == ["migrate", "migrate"]


@pytest.mark.django_db(transaction=True)
def test_triggers_return_after_migrations_that_failed_or_were_killed(prepare, site, monkeypatch):
    before = sorted(existing_triggers(connection))
    drop_all_triggers("default", ["a migration that was killed"])
    prepare()
    assert sorted(existing_triggers(connection)) == before

    def fail(self):
        drop_all_triggers("default", ["a migration that fails"])
        raise CommandError("The disk is full.")

    monkeypatch.setattr(module.Command, "migrate", fail)
    with pytest.raises(CommandError, match="full"):
        prepare()
    assert sorted(existing_triggers(connection)) == before


@pytest.mark.django_db
def test_a_database_with_all_replaced_migrations_is_upgraded():
    """Nothing is created again, and the migrations that replace them count as applied."""
    applied = MigrationRecorder(connection).migration_qs
    first = MigrationLoader(None).replacements.keys()
    ours = [applied.filter(app=app, name=name) for app, name in first]
    assert len(ours) == len([rows for rows in ours if rows.delete()[0]]) == 4
    call_command("migrate", verbosity=0)
    assert all(rows.exists() for rows in ours)


def test_a_database_that_lacks_replaced_migrations_is_refused(prepare):
    applied = MigrationRecorder(connection).migration_qs
    ours = applied.filter(app__in=["history", "partners", "projects", "psf"])
    ours.exclude(name="0001_initial").delete()
    with pytest.raises(CommandError, match="too old for this version"):
        prepare()


@pytest.mark.unmeasured
def test_a_second_time_changes_nothing(prepare):
    prepare()
    User.objects.get().delete()
    User.objects.create_superuser("anna")
    Project.objects.first().delete()
    output = prepare()

    assert output == ""
    assert Project.objects.count() == 4
    assert User.objects.get().username == "anna"
    assert not has_one_time_password(User.objects.get())
