"""`restore` checks a backup before it changes anything."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import override_settings

from psf.database.sql import count_rows
from psf.operations.backup_archive import unknown_migrations
from tests.support.harmed_archives import HARMED, UPLOAD


def back_up(folder):
    (folder / UPLOAD).parent.mkdir(parents=True, exist_ok=True)
    (folder / UPLOAD).write_text("of the backup")
    with override_settings(MEDIA_ROOT=folder / "media"):
        call_command("backup", folder / "psf.tar.gz")
    return (folder / "psf.tar.gz").read_bytes()


@pytest.fixture(scope="module")
def archive(django_db_setup, django_db_blocker, tmp_path_factory):
    with django_db_blocker.unblock():
        return back_up(tmp_path_factory.mktemp("backup"))


@pytest.fixture
def site(settings, tmp_path):
    settings.MEDIA_ROOT, settings.VAR_DIR = tmp_path / "media", tmp_path / "var"
    (tmp_path / UPLOAD).parent.mkdir(parents=True)
    (tmp_path / UPLOAD).write_text("of today")
    return tmp_path


def files(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def refused(site, content):
    """The sentence by which `restore` refuses an archive, after a look at what it left."""
    (site / "psf.tar.gz").write_bytes(content)
    rows, before = count_rows(), files(site)
    with pytest.raises(CommandError) as error:
        call_command("restore", site / "psf.tar.gz", yes=True)
    assert (count_rows(), files(site)) == (rows, before)
    assert [*(site / "var").iterdir()] == []
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.django_db
@pytest.mark.parametrize(("harm", "words"), HARMED.values(), ids=HARMED)
def test_a_harmed_archive_is_refused_with_a_sentence(site, archive, harm, words):
    assert words in refused(site, harm(archive))


@pytest.mark.django_db(transaction=True)
def test_a_backup_of_a_newer_version_is_refused(site, tmp_path_factory):
    recorder = MigrationRecorder(connection)
    recorder.record_applied("psf", "9999_later")
    try:
        archive = back_up(tmp_path_factory.mktemp("newer"))
    finally:
        recorder.record_unapplied("psf", "9999_later")
    assert "does not know psf.9999_later" in refused(site, archive)


def test_migrations_of_earlier_versions_are_known():
    names = ["0001_squashed_0009_drop_lease_of_data_version", "0016_name_of_audit_log_events"]
    earlier = {("psf", name) for name in names}
    assert not unknown_migrations(earlier | {("an app of earlier versions", "0001_initial")})
    assert unknown_migrations({("projects", "9999_later")})
