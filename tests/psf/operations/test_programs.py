import pytest
from django.core.management import CommandError

from psf.operations.programs import decrypt, encrypt, run_program

# Stands for age and gpg: turns the letters of the last argument into the argument after -o.
PROGRAM = """#!/bin/sh
while [ $# -gt 1 ]; do
    case "$1" in -o|--output) target=$2;; esac
    shift
done
if [ "$(basename "$0")" = age ]; then printf age-encryption.org > "$target"; else : > "$target"; fi
tr a-z n-za-m < "$1" >> "$target"
"""


@pytest.fixture
def programs(tmp_path, monkeypatch):
    for name in ["age", "gpg"]:
        (tmp_path / name).write_text(PROGRAM)
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")


@pytest.mark.parametrize("recipient", ["age1qqqq", "ssh-ed25519 AAAA", "backup@example.org"])
def test_a_backup_is_encrypted_and_decrypted(programs, tmp_path, recipient):
    (tmp_path / "plain").write_text("records")
    encrypt(tmp_path / "plain", tmp_path / "secret", recipient)
    assert "records" not in (tmp_path / "secret").read_text()
    decrypt(tmp_path / "secret", tmp_path / "again", identity="key.txt")
    assert "records" in (tmp_path / "again").read_text()


def test_a_backup_for_age_needs_the_key(programs, tmp_path):
    (tmp_path / "secret").write_text("age-encryption.org/v1")
    with pytest.raises(CommandError, match="--identity"):
        decrypt(tmp_path / "secret", tmp_path / "plain", identity="")


def test_a_missing_program_is_named_with_its_package(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(CommandError, match="apt install postgresql-client"):
        run_program(["pg_dump"])


def test_a_failing_program_has_the_last_word(programs, tmp_path):
    (tmp_path / "gpg").write_text("#!/bin/sh\necho no public key >&2\nexit 2\n")
    with pytest.raises(CommandError, match="gpg failed: no public key"):
        encrypt(tmp_path / "gpg", tmp_path / "secret", "nobody")
