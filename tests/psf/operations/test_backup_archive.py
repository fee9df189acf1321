import errno
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from subprocess import PIPE
from threading import Event

import pytest
from django.core.management import CommandError

from psf.files.store import UNFINISHED
from psf.operations.backup_archive import read_backup, write_backup
from psf.operations.postgresql import run_program


@pytest.fixture
def archive(tmp_path):
    """An archive of a database and two uploaded files."""
    database = tmp_path / "database.sqlite3"
    database.write_bytes(b"rows")
    for name in ["a/one", "b/two"]:
        file = tmp_path / "media" / name
        file.parent.mkdir(parents=True)
        file.write_text(name)
    write_backup(tmp_path / "archive", database, tmp_path / "media", {"calls": 1})
    return tmp_path / "archive"


def test_an_archive_holds_the_database_and_every_file(archive, tmp_path):
    manifest = read_backup(archive, tmp_path / "restored")

    assert manifest["rows"] == {"calls": 1}
    assert sorted(manifest["sha256"]) == ["database.sqlite3", "media/a/one", "media/b/two"]
    assert (tmp_path / "restored/media/b/two").read_text() == "b/two"


def test_a_full_disk_says_nothing_about_the_archive(archive, tmp_path, monkeypatch):
    def fail(*files):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("shutil.copyfileobj", fail)
    with pytest.raises(OSError, match="No space left"):
        read_backup(archive, tmp_path / "restored")


def test_a_file_that_grows_does_not_spoil_the_backup(archive, tmp_path):
    done = Event()

    def grow():
        with (tmp_path / "media" / "a" / "one").open("ab") as file:
            while not done.is_set():
                file.write(b"more" * 1000)

    with ThreadPoolExecutor() as pool:
        pool.submit(grow)
        write_backup(archive, tmp_path / "database.sqlite3", tmp_path / "media", {})
        done.set()
    read_backup(archive, tmp_path / "restored")
    assert (tmp_path / "restored/media/a/one").read_text().startswith("a/one")


def test_an_upload_that_is_not_complete_is_left_out(archive, tmp_path):
    (tmp_path / "media" / "a" / f"three.pdf{UNFINISHED}").write_text("half")
    write_backup(archive, tmp_path / "database.sqlite3", tmp_path / "media", {})
    manifest = read_backup(archive, tmp_path / "restored")
    assert [*manifest["sha256"]] == ["database.sqlite3", "media/a/one", "media/b/two"]


def test_a_missing_program_is_named_with_its_package(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(CommandError, match="apt install postgresql-client"):
        run_program(["pg_dump"])


WORK = """
from pathlib import Path
from psf.operations.backup_archive import scratch_folder
with scratch_folder(Path({parent!r}), "copy-") as folder:
    (folder / "plain").write_text("records")
    print(folder, flush=True)
    input()
"""


def test_a_killed_process_leaves_no_plain_copy(tmp_path):
    command = [sys.executable, "-c", WORK.format(parent=str(tmp_path))]
    with subprocess.Popen(command, stdin=PIPE, stdout=PIPE, text=True) as process:
        folder = Path(process.stdout.readline().strip())
        assert (folder / "plain").exists()
        process.kill()
        # The output ends with the last process that has it: the shell that deletes the folder.
        process.stdout.read()
    assert not folder.exists()


def test_a_failing_program_has_the_last_word():
    with pytest.raises(CommandError, match="sh failed: no public key"):
        run_program(["sh", "-c", "echo no public key >&2; exit 2"])
