"""The check sums of the files of the data set, for `sha256sum -c SHA256SUMS`."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from psf.files import store

SUMS_FILE = "SHA256SUMS"


def check_sums_of(folder: Path, names: Iterable[str]) -> dict[str, str]:
    """The check sums of files in a folder, by name."""
    return {name: store.sha256_of(folder / name) for name in names}


def write_sums(folder: Path, sums: Mapping[str, str]) -> None:
    lines = [f"{digest}  {name}\n" for name, digest in sorted(sums.items())]
    (folder / SUMS_FILE).write_text("".join(lines), encoding="utf-8")
