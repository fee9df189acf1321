"""The programs of PostgreSQL that backups need, and their scratch folder."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from django.core.management.base import CommandError

# The input ends with the process that started the shell, also if that process is killed.
DELETE_AT_THE_END = 'trap "" HUP INT TERM; read -r _; rm -rf "$1"'


@contextmanager
def scratch_folder(parent: Path, prefix: str) -> Iterator[Path]:
    """A private folder that is deleted at the end, also if this process is killed."""
    folder = Path(mkdtemp(prefix=prefix, dir=parent))
    command = ["sh", "-c", DELETE_AT_THE_END, "sh", str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE):
        yield folder


def run_program(command: Sequence[str], environment: dict[str, str] | None = None) -> None:
    """Run the program; raise CommandError with its last words if it is missing or fails."""
    name = command[0]
    if shutil.which(name) is None:
        raise CommandError(f"{name} is missing. On Debian: apt install postgresql-client")
    result = subprocess.run(
        command,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    if result.returncode:
        raise CommandError(f"{name} failed: {result.stderr.strip()[-500:]}")
