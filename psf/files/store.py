"""The folder of uploaded files: each under a name of its own that nobody can guess."""

import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, NamedTuple

from django.conf import settings

from psf.environment import make_private_folder

UNFINISHED = ".part"


class Stored(NamedTuple):
    name: str
    sha256: str
    size: int


def path_of(name: str) -> Path:
    """In one of 256 folders, so that none grows too long."""
    return Path(settings.MEDIA_ROOT) / name[:2] / name


def keep(chunks: Iterable[bytes], extension: str) -> Stored:
    """Write a file to the disk for good: it is there whole under its name, or not at all."""
    name = f"{secrets.token_hex(16)}.{extension}"
    path, digest, size = path_of(name), hashlib.sha256(), 0
    make_private_folder(Path(settings.MEDIA_ROOT))
    make_private_folder(path.parent)
    unfinished = path.with_name(f"{name}{UNFINISHED}")
    with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        for chunk in chunks:
            digest.update(chunk)
            size += len(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)
    _sync_folder(path.parent)
    return Stored(name, digest.hexdigest(), size)


def _sync_folder(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def read(name: str) -> IO[bytes]:
    """Raises `FileNotFoundError`."""
    return path_of(name).open("rb")


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def all_files() -> Iterator[Path]:
    """Every file there is, unfinished ones too, by name."""
    root = Path(settings.MEDIA_ROOT)
    return iter(sorted(path for path in root.glob("*/*") if path.is_file()))
