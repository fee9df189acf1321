"""The archive of a backup: the database, the uploaded files, and a manifest with check sums."""

import gzip
import json
import shutil
import tarfile
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db import connection

from psf.files.store import sha256_of

MANIFEST = "manifest.json"
GZIP_HEADER = b"\x1f\x8b"
# Other faults of the system, such as a full disk, say nothing about the archive.
DAMAGE = (tarfile.TarError, gzip.BadGzipFile, FileNotFoundError, EOFError, ValueError, KeyError)


def uploaded_files(folder: Path) -> Iterable[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def write_backup(target: Path, database: Path, media: Path, rows: dict[str, int]) -> None:
    """Write the database first and the uploaded files second: each row then has its file."""
    sums: dict[str, str] = {}
    with (
        target.open("wb") as file,
        gzip.GzipFile(fileobj=file, mode="wb", compresslevel=1, filename="") as packed,
        tarfile.open(fileobj=packed, mode="w") as archive,
    ):
        for path, name in [
            (database, database.name),
            *((path, f"media/{path.relative_to(media)}") for path in uploaded_files(media)),
        ]:
            archive.add(path, name)
            sums[name] = sha256_of(path)
        description = database.parent / MANIFEST
        manifest = {
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "database": connection.vendor,
            "rows": rows,  # of each table
            "sha256": sums,
        }
        description.write_text(json.dumps(manifest, indent=1))
        archive.add(description, MANIFEST)


def read_backup(source: Path, folder: Path) -> dict[str, Any]:
    """Unpack an archive into the folder and return its manifest, after checking every check sum."""
    try:
        with tarfile.open(source, "r:gz") as archive:
            unpack(archive, folder.resolve())
        description: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
        sums = {name: sha256_of(folder / name) for name in description["sha256"]}
    except DAMAGE as error:
        raise CommandError(f"{source} is not a complete backup: {error}") from error
    if damaged := [name for name, value in description["sha256"].items() if sums[name] != value]:
        raise CommandError(f"{source} is damaged: {', '.join(damaged[:5])}")
    return description


def unpack(archive: tarfile.TarFile, folder: Path) -> None:
    """Write the files of the archive into the folder; raise ValueError for anything else.

    The `filter` of `extractall()` does not exist in the Python of Debian 12.
    """
    for member in archive:
        target = (folder / member.name).resolve()
        content = archive.extractfile(member)
        if content is None or not target.is_relative_to(folder):
            raise ValueError(f"{member.name} is not a file of a backup")
        target.parent.mkdir(parents=True, exist_ok=True)
        with content, target.open("wb") as file:
            shutil.copyfileobj(content, file)


def is_encrypted(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) != GZIP_HEADER
