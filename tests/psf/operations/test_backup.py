"""The commands backup and restore, on the database of the tests."""

import json
import os
import sqlite3
import sys
from contextlib import closing
from types import SimpleNamespace

import pytest
from django import get_version
from django.conf import settings as site
from django.core.management import CommandError, call_command
from django.db import connection, connections

from projects.models import Call
from psf.files.store import path_of
from psf.management.commands.backup import rotate
from psf.operations import backup_proof, postgresql, sqlite
from psf.operations.backup_proof import page_digests
from tests.support.factories import LONG_AGO, make_call, make_document, make_public_project
from tests.support.processes import run

pytestmark = pytest.mark.django_db(transaction=True)
SQLITE_ONLY = pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite only")
POSTGRESQL_ONLY = pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL only")


@pytest.fixture
def media(settings, tmp_path):
    settings.MEDIA_ROOT, settings.VAR_DIR = tmp_path / "media", tmp_path / "var"
    settings.MEDIA_ROOT.mkdir()
    (settings.MEDIA_ROOT / "document").write_text("a document")
    return settings.MEDIA_ROOT


class Elsewhere:
    """The connection of the tests, with the name of another file."""

    def __init__(self, path):
        self.settings_dict = {"NAME": path}

    def __getattr__(self, name):
        return getattr(connection, name)


@pytest.fixture
def target(tmp_path, monkeypatch):
    """The file that a restore on SQLite writes, beside the database of the tests in memory."""
    path = tmp_path / "site" / "db.sqlite3"
    if connection.vendor == "sqlite":
        monkeypatch.setattr(sqlite, "connection", Elsewhere(path))
    return path


def test_a_backup_is_restored(tmp_path, media, target, capsys):
    make_public_project(title="Safe harbours")
    archive = tmp_path / "psf.tar.gz"
    call_command("backup", archive)
    (media / "document").unlink()
    if connection.vendor == "postgresql":
        Call.objects.update(title="Changed since")
    os.umask(0o022)  # as in another process
    call_command("restore", archive, yes=True)

    assert (media / "document").read_text() == "a document"
    assert "rows and 1 files" in capsys.readouterr().out
    assert archive.stat().st_mode & 0o777 == 0o600
    if connection.vendor == "postgresql":
        assert Call.objects.get().title != "Changed since"
        make_call()  # the sequences continue
    else:
        assert target.stat().st_mode & 0o777 == 0o600
        with closing(sqlite3.connect(target)) as database:
            titles = database.execute("SELECT title FROM projects_project").fetchall()
        assert titles == [("Safe harbours",)]
        with closing(sqlite3.connect(target)) as reader:  # of a site that runs meanwhile
            reader.execute("PRAGMA journal_mode = WAL")
            reader.execute("DELETE FROM projects_project")
            reader.commit()
            call_command("restore", archive, yes=True)
            assert reader.execute("SELECT title FROM projects_project").fetchall() == titles
    with pytest.raises(CommandError, match="Add --yes"):
        call_command("restore", archive)


@SQLITE_ONLY
def test_a_database_that_cannot_be_replaced_stays(tmp_path, media, target):
    call_command("backup", tmp_path / "psf.tar.gz")
    target.parent.mkdir()
    target.write_text("no database")
    with pytest.raises(CommandError, match="cannot be replaced: file is not a database"):
        call_command("restore", tmp_path / "psf.tar.gz", yes=True)
    assert [path.read_text() for path in target.parent.iterdir()] == ["no database"]


def test_an_old_backup_asks_for_its_migrations(tmp_path, media, target, monkeypatch, capsys):
    call_command("backup", tmp_path / "psf.tar.gz")
    monkeypatch.setattr(
        "psf.management.commands.restore.migration_problem", lambda: "1 migrations are missing"
    )
    call_command("restore", tmp_path / "psf.tar.gz", yes=True)
    assert "older than this version" in capsys.readouterr().out


def test_what_is_missing_is_named(tmp_path, media):
    with pytest.raises(CommandError, match="does not exist"):
        call_command("backup", tmp_path / "nosuch" / "psf.tar.gz")
    with pytest.raises(CommandError, match="is a folder: name a file in it"):
        call_command("backup", tmp_path, keep=2)
    with pytest.raises(CommandError, match="There is no file"):
        call_command("restore", tmp_path / "psf.tar.gz")


@SQLITE_ONLY
def test_a_copy_that_cannot_be_written_gets_a_sentence(tmp_path):
    with pytest.raises(CommandError, match=r"cannot be copied to .*: unable to open database file"):
        sqlite.dump(tmp_path / "nosuch")


def test_an_empty_database_replaces_no_backup(tmp_path, media, monkeypatch):
    (tmp_path / "psf.tar.gz").write_text("of yesterday")
    monkeypatch.setattr(sqlite, "contents", lambda folder: ({}, set()))
    monkeypatch.setattr(postgresql, "count_rows", dict)
    with pytest.raises(CommandError, match="The database is empty: check DATABASE_URL"):
        call_command("backup", tmp_path / "psf.tar.gz", keep=14)
    assert (tmp_path / "psf.tar.gz").read_text() == "of yesterday"


def test_without_a_number_older_backups_stay(tmp_path, media):
    older = tmp_path / "psf.tar.gz.1"
    older.write_text("of yesterday")
    call_command("backup", tmp_path / "psf.tar.gz")
    assert older.read_text() == "of yesterday"
    call_command("backup", tmp_path / "psf.tar.gz", keep=1)
    assert not older.exists()


def test_the_newest_backups_are_kept(tmp_path):
    target = tmp_path / "psf.tar.gz"
    for day in range(5):
        rotate(target, 3)
        target.write_text(str(day))
    target.with_name("psf.tar.gz.3").write_text("of a time with more")
    rotate(target, 2)
    target.write_text("5")

    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        "psf.tar.gz": "5",
        "psf.tar.gz.1": "4",
    }


def test_a_damaged_copy_is_refused(tmp_path):
    with closing(sqlite3.connect(tmp_path / sqlite.COPY)) as database:
        database.execute("CREATE TABLE calls (id INTEGER PRIMARY KEY)")
        database.execute("CREATE TABLE projects (call REFERENCES calls)")
        database.execute("INSERT INTO projects VALUES (7)")
        database.commit()
    with pytest.raises(CommandError, match=r"is damaged: .*projects"):
        sqlite.contents(tmp_path)


@SQLITE_ONLY
def test_a_missing_file_is_free(tmp_path, monkeypatch):
    monkeypatch.setattr(sqlite, "connection", Elsewhere(tmp_path / "db.sqlite3"))
    assert not sqlite.is_occupied()


def test_the_password_of_a_database_is_no_argument():
    params = {"dbname": "psf", "user": "psf", "host": "db", "port": 5432, "password": "secret"}
    database = SimpleNamespace(get_connection_params=lambda: params)
    address, secrets = postgresql.address_of(database)
    assert address == "dbname='psf' user='psf' host='db' port='5432'"
    assert secrets == {"PGPASSWORD": "secret"}


# The proof


def test_every_public_page_has_a_digest():
    project = make_public_project()
    document = make_document(project, published_at=LONG_AGO)
    path_of(document.stored_name).unlink()
    digests = page_digests()

    assert digests[document.get_absolute_url()].startswith("404 ")

    assert digests[project.get_absolute_url()].startswith("200 ")
    assert {"/", "/projects/", "/figures/", "/robots.txt"} < digests.keys()
    assert not [address for address in digests if address.startswith(("/admin", "/healthz"))]


def test_digests_are_printed_by_another_process(capsys):
    call_command(*backup_proof.DIGESTS)
    assert json.loads(capsys.readouterr().out)["/"].startswith("200 ")


@pytest.mark.parametrize(
    ("restored", "version", "outcome"),
    [
        ({"/": "200 a"}, 1, "shows the same 2 public pages. Missing in both (1): /a."),
        ({"/": "200 b"}, 2, "1 of 2 public pages differ, because records have changed"),
        ({"/": "200 b"}, 2, "since the backup. Missing in both (1): /a."),
        ({"/": "200 b"}, 1, "1 of 2 pages of the restored copy differ, such as /"),
        ({"/": "503 a"}, 1, "1 of 2 pages of the restored copy fail, such as /"),
    ],
)
def test_a_proof_compares_all_pages(
    tmp_path, media, monkeypatch, capsys, restored, version, outcome
):
    def run_manage(*arguments, environment):
        if arguments[0] == "restore":
            assert environment["MEDIA_ROOT"] != str(media)
            return ""
        pages = restored if environment else {"/": "200 a"}
        return json.dumps(pages | {"/a": "404 a"})

    address = "postgresql://postgres@/test" if connection.vendor == "postgresql" else ""
    monkeypatch.setenv("DATABASE_URL", address)
    monkeypatch.setattr(backup_proof, "run_manage", run_manage)
    versions = iter([1, version])
    monkeypatch.setattr(backup_proof, "read_version", lambda: next(versions))
    try:
        call_command("backup", tmp_path / "psf.tar.gz", prove=True)
    except CommandError as error:
        assert outcome in str(error)
        assert not (tmp_path / "psf.tar.gz").exists()
    else:
        assert outcome in capsys.readouterr().out


@POSTGRESQL_ONLY
def test_the_scratch_database_can_hold_all_letters(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://postgres@/test")
    # As in a cluster that was created where the machine had no language.
    encode = "UPDATE pg_database SET encoding = pg_char_to_encoding(%s) WHERE datname = 'template1'"
    with closing(connection.copy()) as server, server.cursor() as cursor:
        cursor.execute(encode, ["SQL_ASCII"])
        try:
            with backup_proof.scratch_site(tmp_path):
                sql = "SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = %s"
                cursor.execute(sql, [backup_proof.SCRATCH_DATABASE])
                assert cursor.fetchone() == ("UTF8",)
        finally:
            cursor.execute(encode, ["UTF8"])


@POSTGRESQL_ONLY
def test_a_failed_restore_quotes_no_record(tmp_path, monkeypatch):
    script = "CREATE TABLE contact (name varchar(3));\nCOPY contact FROM stdin;\nAnna Aalto\n\\.\n"

    host = connection.get_connection_params()["host"]
    monkeypatch.setenv("DATABASE_URL", f"postgresql://postgres@/test?host={host}")
    monkeypatch.setattr(postgresql, "connection", SimpleNamespace(close=lambda: None))
    (tmp_path / postgresql.SCRIPT).write_text(script)
    with backup_proof.scratch_site(tmp_path) as scratch:
        monkeypatch.setattr(postgresql, "address_of", lambda _: (scratch["DATABASE_URL"], {}))
        with pytest.raises(CommandError, match=r"psql failed: .*value too long") as error:
            postgresql.restore(tmp_path)
    assert "Anna" not in str(error.value)


@POSTGRESQL_ONLY
def test_a_failed_proof_leaves_no_database(tmp_path, monkeypatch):
    def fail(*arguments, environment):
        raise CommandError("restore failed")

    monkeypatch.setenv("DATABASE_URL", "postgresql://postgres@/test")
    monkeypatch.setattr(backup_proof, "run_manage", fail)
    with pytest.raises(CommandError, match="restore failed"):
        backup_proof.prove(tmp_path / "archive", tmp_path, 1)

    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database")
        assert (backup_proof.SCRATCH_DATABASE,) not in cursor.fetchall()


@POSTGRESQL_ONLY
def test_the_scratch_database_sorts_names_as_the_live_one(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://postgres@/test")
    live = connection.copy()
    live.settings_dict = {**live.settings_dict, "NAME": "psf_sorted"}
    monkeypatch.setattr(live, "copy", lambda: live)
    with connection.cursor() as cursor:
        cursor.execute("CREATE DATABASE psf_sorted TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'")
        try:
            monkeypatch.setattr(backup_proof, "connections", {"default": live})
            with backup_proof.scratch_site(tmp_path):
                name = backup_proof.SCRATCH_DATABASE
                cursor.execute("SELECT datcollate FROM pg_database WHERE datname = %s", [name])
                assert cursor.fetchone() == ("C",)
        finally:
            cursor.execute("DROP DATABASE psf_sorted WITH (FORCE)")


def test_a_failing_command_has_the_last_word():
    assert get_version() in backup_proof.run_manage("version", environment={})
    with pytest.raises(CommandError, match=r"python.* failed: .*Unknown command"):
        backup_proof.run_manage("nosuch", environment={})


# Whole sites, in processes of their own


def manage(environment, *arguments):
    result = run(
        [sys.executable, "manage.py", *arguments],
        cwd=site.BASE_DIR,
        env={**os.environ, **environment, "DJANGO_SETTINGS_MODULE": "psf.settings"},
    )
    return result.stdout + result.stderr


@pytest.fixture
def sqlite_site(tmp_path):
    """A site with one public call on a new SQLite file, and its backup."""
    environment = {
        "DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3",
        "MEDIA_ROOT": str(tmp_path / "media"),
    }
    assert manage(environment, "migrate", "--verbosity", "0") == ""
    with closing(sqlite3.connect(tmp_path / "db.sqlite3")) as database:
        database.execute("INSERT INTO auth_group (id, name) VALUES (99, 'Last of SQLite')")
        database.commit()
    return environment


@POSTGRESQL_ONLY
def test_a_backup_of_sqlite_moves_to_postgresql(sqlite_site, tmp_path):
    archive = f"{tmp_path}/psf.tar.gz"
    assert "Saved" in manage(sqlite_site, "backup", archive)
    server = connections["default"].copy()
    with server.cursor() as cursor:
        cursor.execute("DROP DATABASE IF EXISTS moved")
        cursor.execute("CREATE DATABASE moved")
    params = connection.get_connection_params()
    address = f"postgresql://{params['user']}@/moved?host={params['host']}"
    environment = {**sqlite_site, "DATABASE_URL": address}
    output = manage(environment, "restore", archive)
    code = "from django.contrib.auth.models import Group as G; print('new', G.objects.create().pk)"
    assert "Restored" in output
    assert "new 100" in manage(environment, "shell", "-c", code)
    assert "matches the records" in manage(environment, "rebuild_search", "--check")
    with server.cursor() as cursor:
        cursor.execute("DROP DATABASE moved WITH (FORCE)")
    server.close()
