"""The cost of importing a large file, of importing it again, and of undoing the import.

    .venv/bin/python -m tests.benchmarks.imports --projects 30000 --database sqlite postgresql

`import_projects` imports the file into a site of 1 000 projects. After the undoing it imports the
file again, while readers ask for pages that are not cached.
"""

import argparse
import http.client
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks.environment import (
    PORT,
    describe_machine,
    environment,
    fresh_database,
    say,
    table,
)
from tests.benchmarks.processes import BASE, HOST, granian, processor_seconds, python

READERS, PAUSE = 2, 0.1
ASKED = ["/projects/", "/projects/?country=se", "/partners/", "/calls/", "/"]
HAS_CALL = """
from projects.models import Call
Call.objects.create(title="Benchmark", slug="benchmark")
"""
UNDO = """
from psf.history.models import ChangeSet
from psf.history.restore import undo_change_set
undo_change_set(ChangeSet.objects.filter(channel="import").order_by("-pk")[0], None, "")
"""


def measured(name: str, command: list[str], env: dict[str, str], servers: list[int]) -> None:
    """Run the step, and print the time and the peak memory of its process."""
    before, begin = processor_seconds(servers), time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "manage.py", *command], cwd=BASE, env=env, stdout=subprocess.DEVNULL
    )
    _pid, status, used = os.wait4(process.pid, 0)
    waited, database = time.monotonic() - begin, processor_seconds(servers) - before
    assert status == 0, command
    own = used.ru_utime + used.ru_stime
    say(f"| {name} | {waited:.0f} | {own:.0f} | {database:.0f} | {used.ru_maxrss / 1024:.0f} |")


@contextmanager
def readers() -> Iterator[None]:
    """Readers during the import. Prints the statuses of their answers."""
    ended, waited, wrong = threading.Event(), list[float](), list[str]()

    def read() -> None:
        while not ended.wait(PAUSE):
            for path in ASKED:
                begin = time.perf_counter()
                connection = http.client.HTTPConnection(HOST, PORT, timeout=60)
                try:
                    connection.request("GET", path)
                    answer = connection.getresponse()
                    answer.read()
                    if answer.status != 200:
                        wrong.append(f"{path} {answer.status}")
                except OSError as error:
                    wrong.append(f"{path} {error}")
                finally:
                    connection.close()
                waited.append((time.perf_counter() - begin) * 1000)

    threads = [threading.Thread(target=read) for _reader in range(READERS)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        for thread in threads:
            thread.join()
        waited.sort()
        p50, p99 = (waited[int(len(waited) * share)] for share in (0.5, 0.99))
        say(
            f"\n{len(waited)} pages meanwhile, {len(wrong)} not answered {wrong[:5]}; "
            f"p50 {p50:.0f} ms, p99 {p99:.0f} ms, slowest {waited[-1]:.0f} ms."
        )


def measure(database: str, servers: list[int], file: Path) -> None:
    env = environment(database, page_cache_mb=0)
    python("manage.py", "migrate", "--verbosity=0", env=env)
    python("manage.py", "collectstatic", "--noinput", "--verbosity=0", env=env)
    python("-m", "tests.make_data", "--projects=1000", env=env)
    python("manage.py", "shell", "--no-imports", "-c", HAS_CALL, env=env)
    command = ["import_projects", str(file), "--call", "benchmark"]
    table("| what | s | CPU s | CPU s of PostgreSQL | most MB |")
    measured("import", command, env, servers)
    measured("the same file again", command, env, servers)
    measured("undoing", ["shell", "--no-imports", "-c", UNDO], env, servers)
    with granian(PORT, env), readers():
        measured("import beside readers", command, env, servers)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.imports")
    parser.add_argument("--projects", type=int, default=30000)
    parser.add_argument(
        "--database", nargs="+", choices=["sqlite", "postgresql"], default=["sqlite"]
    )
    options = parser.parse_args()
    describe_machine()
    with tempfile.TemporaryDirectory(prefix="psf-benchmark-") as name:
        file = Path(name) / "projects.csv"
        env = environment(f"sqlite:///{name}/none.sqlite3", page_cache_mb=0)
        python("-m", "tests.benchmarks.import_file", str(options.projects), str(file), env=env)
        for kind in options.database:
            say(f"\n## {kind}, {options.projects} projects, {file.stat().st_size / 1e6:.0f} MB\n")
            folder = Path(name) / kind
            folder.mkdir()
            with fresh_database(kind, folder) as (database, servers):
                measure(database, servers, file)


main()
