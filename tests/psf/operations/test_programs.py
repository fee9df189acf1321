import shutil
import subprocess
import sys
from pathlib import Path
from subprocess import PIPE

import pytest
from django.core.management import CommandError

from psf.operations.programs import decrypt, encrypt, run_program
from tests.support import processes

# Stands for age and gpg: turns the letters of the last argument into the argument after -o.
PROGRAM = """#!/bin/sh
while [ $# -gt 1 ]; do
    case "$1" in -o|--output) target=$2;; esac
    shift
done
case "$0" in *age) printf age-encryption.org;; *) printf '\\205';; esac > "$target"
tr a-z n-za-m < "$1" >> "$target"
"""


@pytest.fixture
def programs(tmp_path, monkeypatch):
    for name in ["age", "gpg"]:
        (tmp_path / name).write_text(PROGRAM)
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setenv("GNUPGHOME", str(tmp_path))


@pytest.mark.parametrize("recipient", ["age1qqqq", "ssh-ed25519 AAAA", "backup@example.org"])
def test_a_backup_is_encrypted_and_decrypted(programs, tmp_path, recipient):
    (tmp_path / "plain").write_text("records")
    encrypt(tmp_path / "plain", tmp_path / "secret", recipient)
    assert b"records" not in (tmp_path / "secret").read_bytes()
    again = decrypt(tmp_path / "secret", tmp_path / "again", identity="key.txt")
    assert b"records" in again.read_bytes()


def test_a_backup_for_age_needs_the_key(programs, tmp_path):
    (tmp_path / "secret").write_text("age-encryption.org/v1")
    with pytest.raises(CommandError, match="--identity"):
        decrypt(tmp_path / "secret", tmp_path / "plain", identity="")


def test_a_missing_program_is_named_with_its_package(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(CommandError, match="apt install postgresql-client"):
        run_program(["pg_dump"])


@pytest.mark.parametrize("act", [encrypt, decrypt])
def test_gnupg_without_a_folder_of_keys_is_not_started(programs, tmp_path, monkeypatch, act):
    monkeypatch.setenv("GNUPGHOME", str(tmp_path / "keys"))
    (tmp_path / "file").write_bytes(b"\x85")
    with pytest.raises(CommandError, match="keys, the folder of keys of GnuPG, is missing"):
        act(tmp_path / "file", tmp_path / "result", "somebody")
    assert not (tmp_path / "result").exists()


WORK = """
from pathlib import Path
from psf.operations.programs import scratch_folder
with scratch_folder(Path({parent!r}), "copy-") as folder:
    (folder / "plain").write_text("records")
    print(folder, flush=True)
    input()
"""


def test_a_killed_process_leaves_no_plain_copy(tmp_path):
    command = [sys.executable, "-c", WORK.format(parent=str(tmp_path))]
    with subprocess.Popen(command, stdin=PIPE, stdout=PIPE, text=True) as process:
        folder = Path(process.stdout.readline().strip())
        assert (folder / "plain").exists()
        process.kill()
        # The output ends with the last process that has it: the shell that deletes the folder.
        process.stdout.read()
    assert not folder.exists()


def test_a_failing_program_has_the_last_word(programs, tmp_path):
    (tmp_path / "gpg").write_text("#!/bin/sh\necho no public key >&2\nexit 2\n")
    with pytest.raises(CommandError, match="gpg failed: no public key"):
        encrypt(tmp_path / "gpg", tmp_path / "secret", "nobody")


# The real programs


def real(*names):
    missing = [name for name in names if not shutil.which(name)]
    return pytest.mark.skipif(bool(missing), reason=f"{missing} is not installed")


def run(*command):
    return processes.run([*command], check=True).stdout.strip()


@pytest.fixture
def age_key(tmp_path):
    """The public key; the private key is in the file `age.key`."""
    run("age-keygen", "-o", tmp_path / "age.key")
    return run("age-keygen", "-y", tmp_path / "age.key")


@pytest.fixture
def ssh_key(tmp_path):
    """The public key; the private key is in the file `age.key`."""
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "age.key")
    return (tmp_path / "age.key.pub").read_text().strip()


@pytest.fixture
def gpg_key(tmp_path_factory, monkeypatch):
    """The name of a key in a ring of its own."""
    home = tmp_path_factory.mktemp("gpg")
    home.chmod(0o700)
    monkeypatch.setenv("GNUPGHOME", str(home))
    name = "backup@example.org"
    options = ["--batch", "--quiet", "--passphrase", "", "--pinentry-mode", "loopback"]
    run("gpg", *options, "--quick-generate-key", name, "future-default", "default", "never")
    yield name
    run("gpgconf", "--kill", "all")


@pytest.mark.parametrize(
    "key",
    [
        pytest.param("age_key", marks=real("age", "age-keygen")),
        pytest.param("ssh_key", marks=real("age", "ssh-keygen")),
        pytest.param("gpg_key", marks=real("gpg", "gpgconf")),
    ],
)
def test_age_and_gnupg_encrypt_a_backup_and_decrypt_it(tmp_path, request, key):
    plain, secret, again = (tmp_path / name for name in ["plain", "secret", "again"])
    plain.write_bytes(b"records" * 10_000)
    encrypt(plain, secret, request.getfixturevalue(key))
    assert b"records" not in secret.read_bytes()

    decrypt(secret, again, identity=str(tmp_path / "age.key"))
    assert again.read_bytes() == plain.read_bytes()

    damaged = bytearray(secret.read_bytes())
    damaged[-20] ^= 1
    secret.write_bytes(damaged)
    with pytest.raises(CommandError, match="failed"):
        decrypt(secret, again, identity=str(tmp_path / "age.key"))
