"""Programs of the operating system that backups need."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from django.core.management.base import CommandError

PACKAGES = {
    "age": "age",
    "gpg": "gnupg",
    "pg_dump": "postgresql-client",
    "pg_restore": "postgresql-client",
    "psql": "postgresql-client",
}
GZIP_HEADER = b"\x1f\x8b"
AGE_HEADER = b"age-encryption.org"
# The first byte of a message of OpenPGP that is encrypted for a public key.
OPENPGP_HEADERS = (b"\x84", b"\x85", b"\xc1")
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
        run_gnupg([*options, "--output", str(target), "--encrypt", str(source)])


def decrypt(source: Path, target: Path, identity: str) -> Path:
    """The archive of a backup: the file itself, or `target` with the decrypted file.

    `identity` is the file with the private key of age.
    """
    with source.open("rb") as file:
        header = file.read(len(AGE_HEADER))
    if header.startswith(GZIP_HEADER):
        return source
    if header == AGE_HEADER:
        if not identity:
            raise CommandError(
                "This backup is encrypted with age: name the key with --identity FILE."
            )
        run_program(["age", "--decrypt", "-i", identity, "-o", str(target), str(source)])
    elif header.startswith(OPENPGP_HEADERS):
        run_gnupg(["--batch", "--yes", "--output", str(target), "--decrypt", str(source)])
    else:
        raise CommandError(f"{source} is not a backup.")
    return target


def run_gnupg(options: Sequence[str]) -> None:
    """Run GnuPG, which would create a missing ring of keys without a word."""
    home = Path(os.environ.get("GNUPGHOME") or Path.home() / ".gnupg")
    if not home.is_dir():
        raise CommandError(f"{home}, the folder of keys of GnuPG, is missing: import the key.")
    run_program(["gpg", *options])
