"""The archive of the whole data set, built again after a change of public data."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings

from projects.open_data.open_file import EDITION
from projects.open_data.package import write_package, write_zip
from psf.exports.etag import data_state

KEPT = 2  # archives


def current_archive(*, waits: bool) -> Path:
    """The archive of the present data. All processes together build one at a time.

    While another one is built, wait for it or raise `BlockingIOError`.
    """
    folder = Path(settings.VAR_DIR) / "open-data"
    key = data_state(EDITION)
    path = folder / f"psf-{key}.zip"
    if key is not None and path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    with _locked(folder, waits):
        if key is None or not path.exists():
            _build(folder, path)
    return path


@contextmanager
def _locked(folder: Path, waits: bool) -> Iterator[None]:
    """Lock the folder. The lock ends with the process too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        flock(descriptor, LOCK_EX if waits else LOCK_EX | LOCK_NB)
        yield
    finally:
        os.close(descriptor)


def _build(folder: Path, path: Path) -> None:
    # On the same disk. It disappears with everything unfinished in it.
    with TemporaryDirectory(dir=folder, prefix="unfinished-") as name:
        unfinished = Path(name)
        write_package(unfinished / "tables")
        write_zip(unfinished / "tables", unfinished / "psf.zip")
        os.replace(unfinished / "psf.zip", path)
    # A reader may still open the archive before this one.
    archives = sorted(folder.glob("psf-*.zip"), key=lambda file: file.stat().st_mtime)
    for file in archives[:-KEPT]:
        file.unlink(missing_ok=True)
