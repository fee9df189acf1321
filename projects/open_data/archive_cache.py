"""The archive of the whole data set, built again after a change of public data."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock

from django.conf import settings

from projects.open_data.open_file import EDITION
from projects.open_data.package import write_package, write_zip
from psf.exports.etag import data_state

KEPT = 2  # archives

_lock = Lock()


def current_archive() -> Path:
    """The archive of the present data. Each process builds one archive at a time."""
    folder = Path(settings.VAR_DIR) / "open-data"
    with _lock:
        key = data_state(EDITION)
        path = folder / f"psf-{key}.zip"
        if key is None or not path.exists():
            folder.mkdir(parents=True, exist_ok=True)
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
        return path
