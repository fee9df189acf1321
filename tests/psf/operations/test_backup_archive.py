import errno
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from psf.files.store import UNFINISHED
from psf.operations.backup_archive import read_backup, write_backup


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
