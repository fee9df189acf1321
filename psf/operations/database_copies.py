"""The copies of a database in backups. Each kind of database has a module of its own."""

from pathlib import Path
from typing import Protocol

from psf.operations import postgresql, sqlite


class Copies(Protocol):
    """Copies of the default database."""

    def dump(self, folder: Path) -> tuple[Path, dict[str, int]]:
        """Copy the live database into the folder; return the checked copy and rows by table."""

    def is_occupied(self) -> bool:
        """Whether the database has tables already."""

    def restore(self, folder: Path) -> None:
        """Replace the content of the database by the copy in the folder."""


COPIES: dict[str, Copies] = {"sqlite": sqlite, "postgresql": postgresql}
