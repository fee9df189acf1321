"""Programs of the operating system that backups need."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from django.core.management.base import CommandError

PACKAGES = {
    "age": "age",
    "gpg": "gnupg",
    "pg_dump": "postgresql-client",
    "pg_restore": "postgresql-client",
    "psql": "postgresql-client",
}
AGE_HEADER = b"age-encryption.org"


def run_program(command: Sequence[str], environment: dict[str, str] | None = None) -> None:
    """Run the program; raise CommandError with its last words if it is missing or fails."""
    name = command[0]
    if shutil.which(name) is None:
        raise CommandError(f"{name} is missing. On Debian: apt install {PACKAGES[name]}")
    result = subprocess.run(
        command,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    if result.returncode:
        raise CommandError(f"{name} failed: {result.stderr.strip()[-500:]}")


def encrypt(source: Path, target: Path, recipient: str) -> None:
    """Encrypt a file for a recipient: a key of age or SSH, or else a key of GnuPG."""
    if recipient.startswith(("age1", "ssh-")):
        run_program(["age", "--encrypt", "-r", recipient, "-o", str(target), str(source)])
    else:
        options = ["--batch", "--yes", "--trust-model", "always", "--recipient", recipient]
        run_program(["gpg", *options, "--output", str(target), "--encrypt", str(source)])


def decrypt(source: Path, target: Path, identity: str) -> None:
    """Decrypt a file. `identity` is the file with the private key of age."""
    with source.open("rb") as file:
        is_age = file.read(len(AGE_HEADER)) == AGE_HEADER
    if is_age and not identity:
        raise CommandError("This backup is encrypted with age: name the key with --identity FILE.")
    if is_age:
        run_program(["age", "--decrypt", "-i", identity, "-o", str(target), str(source)])
    else:
        run_program(["gpg", "--batch", "--yes", "--output", str(target), "--decrypt", str(source)])
