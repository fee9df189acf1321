"""Files of the copy: written whole or not at all, and the record of what is written."""

import os
from collections.abc import Iterable
from pathlib import Path

STATE_FILE = ".export-state"


def write_file(folder: Path, name: str, content: bytes) -> None:
    """Write a file below the folder. A file with the same content stays as it is."""
    path = folder / name
    if path.is_file() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".export-{path.name}")
    try:
        unfinished.write_bytes(content)
        os.replace(unfinished, path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


class ExportState:
    """The finished addresses of an export of one data version, and the addresses they link to.

    Each line of the file is a finished address, after a tab the file, and then the new links.
    """

    def __init__(self, folder: Path, version: str, afresh: bool = False) -> None:
        self.path = folder / STATE_FILE
        self.done: dict[str, str] = {}
        self.found: set[str] = set()
        text = self.path.read_text() if self.path.exists() else ""
        first, *lines = text[: text.rfind("\n") + 1].splitlines() or [""]  # without half a line
        if afresh or first != version:
            first, lines = version, []
        self.path.write_text("".join(f"{line}\n" for line in [first, *lines]))
        for line in lines:
            self._read(line)

    def _read(self, line: str) -> None:
        address, name, *links = line.split("\t")
        self.done[address] = name
        self.found.update(links)

    def waiting(self, seeds: Iterable[str]) -> list[str]:
        """The seeds and the links of finished pages that are not finished themselves.

        Parts of the sitemap take longest. They come before lists, so that processes end together.
        """
        known = dict.fromkeys([*seeds, *sorted(self.found, reverse=True)])
        return [address for address in known if address not in self.done]

    def add(self, rows: Iterable[tuple[str, str, set[str]]]) -> None:
        """Add finished addresses, each with its file ("" without one) and its links."""
        with self.path.open("a") as file:
            for address, name, links in rows:
                line = "\t".join([address, name, *sorted(links - self.found)])
                file.write(f"{line}\n")
                self._read(line)


def remove_other_files(folder: Path, names: Iterable[str]) -> int:
    """Delete the files that are not part of the copy, and empty folders; returns how many."""
    # Texts, because a path object for each of 90 000 files takes seconds.
    top = str(folder)
    kept = {os.path.join(top, name) for name in [*names, STATE_FILE]}
    removed = 0
    for root, _folders, files in os.walk(top, topdown=False):
        others = [path for name in files if (path := os.path.join(root, name)) not in kept]
        for path in others:
            os.unlink(path)
        removed += len(others)
        if root != top and len(others) == len(files) and not os.listdir(root):
            os.rmdir(root)
    return removed
