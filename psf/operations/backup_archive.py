"""The archive of a backup: a copy of the database, uploaded files, a manifest with check sums."""

import hashlib
import json
import shutil
import subprocess
import tarfile
import zlib
from argparse import ArgumentTypeError
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from gzip import BadGzipFile, GzipFile
from pathlib import Path
from tempfile import mkdtemp
from typing import IO, Any

from django.core.management.base import CommandError
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from psf.files.store import UNFINISHED
from psf.operations import postgresql, sqlite


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """The type of a whole number within limits."""

    def read(text: str) -> int:
        if not (text.isdecimal() and len(text) <= 9 and least <= int(text) <= most):
            raise ArgumentTypeError(f"write a number from {least} to {most}, not {text!r}")
        return int(text)

    return read


# The input ends with the process that started the shell, also if that process is killed.
DELETE_AT_THE_END = 'trap "" HUP INT TERM; read -r _; rm -rf "$1"'


@contextmanager
def scratch_folder(parent: Path, prefix: str) -> Iterator[Path]:
    """A private folder that is deleted at the end, also if this process is killed."""
    folder = Path(mkdtemp(prefix=prefix, dir=parent))
    command = ["sh", "-c", DELETE_AT_THE_END, "sh", str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE):
        yield folder


MANIFEST = "manifest.json"
MEDIA = "media"
# Other faults of the system, such as a full disk, say nothing about the archive.
DAMAGE = (
    *(tarfile.TarError, BadGzipFile, zlib.error, EOFError, ValueError, OverflowError),
    *(KeyError, RecursionError, FileNotFoundError, FileExistsError, IsADirectoryError),
    NotADirectoryError,
)


class HashedReader:
    """Reads a file and computes the check sum of what was read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._digest = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._digest.update(data)
        return data

    def sha256(self) -> str:
        return self._digest.hexdigest()


def uploaded_files(folder: Path) -> list[Path]:
    """The complete files. Files whose row was deleted, and dated versions of the data, count too:
    no table names all files, so the list comes from the folder.
    """
    return sorted(
        path for path in folder.rglob("*") if path.is_file() and path.suffix != UNFINISHED
    )


def write_backup(target: Path, database: Path, media: Path, rows: dict[str, int]) -> None:
    """Write the database first and the uploaded files second: each row then has its file."""
    sums: dict[str, str] = {}
    with (
        target.open("wb") as file,
        GzipFile(fileobj=file, mode="wb", compresslevel=1, filename="") as packed,
        tarfile.open(fileobj=packed, mode="w") as archive,
    ):
        sums[database.name] = add(archive, database, database.name)
        for path in uploaded_files(media):
            name = f"{MEDIA}/{path.relative_to(media)}"
            sums[name] = add(archive, path, name)
        manifest = {
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "database": connection.vendor,
            "rows": rows,  # of each table
            "sha256": sums,
        }
        description = database.with_name(MANIFEST)
        description.write_text(json.dumps(manifest, indent=1))
        add(archive, description, MANIFEST)


def add(archive: tarfile.TarFile, path: Path, name: str) -> str:
    """Add a file in its present size; return the check sum of what was written."""
    with path.open("rb") as file:
        info, reader = tarfile.TarInfo(name), HashedReader(file)
        info.size = path.stat().st_size
        archive.addfile(info, reader)
    return reader.sha256()


def read_backup(source: Path, folder: Path) -> dict[str, Any]:
    """Unpack an archive into the folder and return its manifest, after checking every check sum."""
    try:
        with tarfile.open(source, "r:gz") as archive:
            sums = dict(unpack(archive, folder.resolve()))
        manifest = json.loads((folder / MANIFEST).read_bytes())
    except DAMAGE as error:
        reason = " ".join(str(error).split())
        raise CommandError(f"The file is not a complete backup: {reason}.") from error
    del sums[MANIFEST]
    match manifest:
        case {"made_at": str(), "database": str(), "rows": dict(), "sha256": dict()}:
            expected: dict[str, Any] = manifest["sha256"]
        case _:
            raise CommandError(f"The file is not a backup: its {MANIFEST} is of another kind.")
    names = sorted(sums.keys() | expected.keys())
    if damaged := [name for name in names if sums.get(name) != expected.get(name)]:
        raise CommandError(f"The backup is damaged: {', '.join(damaged[:5])}.")
    return dict(manifest)


def unpack(archive: tarfile.TarFile, folder: Path) -> Iterator[tuple[str, str]]:
    """Write the files of the archive into the folder; give the name and the check sum of each.

    Raises ValueError for anything else in the archive. The `filter` of `extractall()` does not
    exist in the Python of Debian 12.
    """
    for member in archive:
        target = (folder / member.name).resolve()
        content = archive.extractfile(member) if member.isreg() else None
        if content is None or not target.is_relative_to(folder) or target.exists():
            raise ValueError(f"“{member.name}” is not a file of a backup")
        target.parent.mkdir(parents=True, exist_ok=True)
        with content, target.open("wb") as file:
            reader = HashedReader(content)
            shutil.copyfileobj(reader, file)
        yield member.name, reader.sha256()


# Each module has the same functions.
COPIES: dict[str, Any] = {"sqlite": sqlite, "postgresql": postgresql}


def check_copy(manifest: dict[str, Any], folder: Path) -> None:
    """Raise CommandError unless this version can restore the copy of a backup in the folder."""
    vendor = manifest["database"]
    if vendor not in COPIES or not (folder / COPIES[vendor].COPY).exists():
        raise CommandError("The backup has no copy of a database.")
    if vendor == "postgresql" != connection.vendor:
        raise CommandError("A backup of PostgreSQL can be restored into PostgreSQL only.")
    rows, applied = COPIES[vendor].contents(folder)
    names = sorted(rows.keys() | manifest["rows"].keys())
    if different := [name for name in names if rows.get(name) != manifest["rows"].get(name)]:
        raise CommandError(f"Tables with other numbers of rows: {', '.join(different[:5])}.")
    if not [app for app, _name in applied if app == "psf"]:
        raise CommandError("The backup is of another application.")
    if newer := sorted(f"{app}.{name}" for app, name in unknown_migrations(applied)):
        raise CommandError(
            "The backup comes from a newer version of the application: upgrade first. "
            f"This version does not know {', '.join(newer[:5])}."
        )


def unknown_migrations(applied: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """The migrations that the apps of this version do not have and have not replaced."""
    migrations = MigrationLoader(None).disk_migrations
    replaced = {name for migration in migrations.values() for name in migration.replaces}
    apps = {app for app, _name in migrations}
    return {(app, name) for app, name in applied - migrations.keys() - replaced if app in apps}
