"""The folder of uploaded files. Every file has a random name that nobody can guess."""

import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

from django.conf import settings

from psf.environment import make_private_folder

UNFINISHED = ".part"


class StoredFile(NamedTuple):
    name: str
    sha256: str
    size: int


def path_of(name: str) -> Path:
    """Return the path of a stored file, in one of 256 folders."""
    return Path(settings.MEDIA_ROOT) / name[:2] / name


@contextmanager
def new_file(path: Path) -> Iterator[IO[bytes]]:
    """A file that gets its name when it is complete and on the disk. An error leaves no file."""
    make_private_folder(path.parent)
    unfinished = path.with_name(f"{path.name}{UNFINISHED}")
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        with open(os.open(unfinished, flags, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def save_file(chunks: Iterable[bytes], extension: str) -> StoredFile:
    """Write a file to the disk and return the name."""
    name = f"{secrets.token_hex(16)}.{extension}"
    digest, size = hashlib.sha256(), 0
    make_private_folder(Path(settings.MEDIA_ROOT))
    with new_file(path_of(name)) as file:
        for chunk in chunks:
            digest.update(chunk)
            size += len(chunk)
            file.write(chunk)
    return StoredFile(name, digest.hexdigest(), size)


def _sync_folder(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def open_file(name: str) -> IO[bytes]:
    """Open a stored file. Raises `FileNotFoundError`."""
    return path_of(name).open("rb")


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def all_files() -> Iterator[Path]:
    """Return the paths of all files, including unfinished files, ordered by name."""
    root = Path(settings.MEDIA_ROOT)
    return iter(sorted(path for path in root.glob("*/*") if path.is_file()))
