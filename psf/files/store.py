"""Uploaded files: stored under random names, and sent as attachments."""

import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.utils.cache import get_conditional_response

from psf.environment import make_private_folder
from psf.files.types import CONTENT_TYPES

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


def attachment(
    request: HttpRequest, stored_name: str, file_name: str, sha256: str
) -> HttpResponseBase:
    """Return the stored file as a download. Browsers never open the file as a page of this site.

    The content type was verified at upload, and browsers are told not to guess another type.
    Raises `Http404` if the file is missing.
    """
    etag = f'"{sha256}"'
    if response := get_conditional_response(request, etag=etag):
        return response
    try:
        file = open_file(stored_name)
    except FileNotFoundError:
        raise Http404 from None
    extension = stored_name.rpartition(".")[2]
    return FileResponse(
        file,
        as_attachment=True,
        filename=file_name,
        content_type=CONTENT_TYPES[extension],
        headers={
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "X-Content-Type-Options": "nosniff",
            "ETag": etag,
        },
    )
