import errno
import gzip
import tarfile

import pytest
from django.core.management import CommandError

from psf.operations.backup_archive import is_encrypted, read_backup, write_backup


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
    assert not is_encrypted(archive)


def test_a_changed_file_is_found(archive, tmp_path):
    content = gzip.decompress(archive.read_bytes())
    archive.write_bytes(gzip.compress(content.replace(b"rows", b"ROWS", 2)))
    with pytest.raises(CommandError, match=r"is damaged: database\.sqlite3"):
        read_backup(archive, tmp_path / "restored")


@pytest.mark.parametrize("length", [0, 10, 300])
def test_a_part_of_an_archive_is_refused(archive, tmp_path, length):
    archive.write_bytes(archive.read_bytes()[:length])
    with pytest.raises(CommandError, match="is not a complete backup"):
        read_backup(archive, tmp_path / "restored")


def test_a_full_disk_says_nothing_about_the_archive(archive, tmp_path, monkeypatch):
    def fail(*files):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("shutil.copyfileobj", fail)
    with pytest.raises(OSError, match="No space left"):
        read_backup(archive, tmp_path / "restored")


@pytest.mark.parametrize("member", ["../outside", "folder"])
def test_only_files_inside_the_folder_are_unpacked(tmp_path, member):
    (tmp_path / "outside").write_text("unchanged")
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("changed")
    source = tmp_path / ("folder" if member == "folder" else "file")
    with tarfile.open(tmp_path / "archive", "w:gz") as archive:
        archive.add(source, member)
    with pytest.raises(CommandError, match=f"{member} is not a file of a backup"):
        read_backup(tmp_path / "archive", tmp_path / "restored")
    assert (tmp_path / "outside").read_text() == "unchanged"
