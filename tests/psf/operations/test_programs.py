import subprocess
import sys
from pathlib import Path
from subprocess import PIPE

import pytest
from django.core.management import CommandError

from psf.operations.programs import run_program


def test_a_missing_program_is_named_with_its_package(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(CommandError, match="apt install postgresql-client"):
        run_program(["pg_dump"])


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


def test_a_failing_program_has_the_last_word():
    with pytest.raises(CommandError, match="sh failed: no public key"):
        run_program(["sh", "-c", "echo no public key >&2; exit 2"])
