"""Faults of PostgreSQL. Each function returns its figures, or raises AssertionError."""

import shlex
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg2

from tests.benchmarks.processes import postgresql_program
from tests.faults.site import Site, only_pages, outage, sentence, statuses

DATABASE = "benchmark"
WRITE_TO_THE_LOG = "SELECT pg_logical_emit_message(false, 'faults', repeat('x', 1000000))"
SMALL_DISK = "400m"


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
        command = [postgresql_program("pg_ctl"), "-D", str(self.folder), "-w", *arguments]
        subprocess.run(command, check=True, user=self.user, stdout=subprocess.DEVNULL)

    def restart(self, mode: str) -> None:
        self.run("restart", "-m", mode, "-l", "/dev/null")

    def start(self) -> None:
        options = shlex.split((self.folder / "postmaster.opts").read_text())[1:]
        words = " ".join(shlex.quote(option) for option in options if option != "-D")
        words = words.replace(str(self.folder), "", 1) if "-D" in options else words
        self.run("start", "-l", "/dev/null", "-o", words)

    def is_running(self) -> bool:
        command = [postgresql_program("pg_ctl"), "-D", str(self.folder), "status"]
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


def stopped_server(site: Site, server: PostgreSQL) -> str:
    """The database is stopped for ten seconds."""
    return outage(site, server.stopped(), 10)


def restarted_server(site: Site, server: PostgreSQL) -> str:
    """The database restarts, first in order, then as after a crash."""
    with site.readers() as found:
        for mode in ["fast", "immediate"]:
            server.restart(mode)
            site.wait_until_ready(20)
    only_pages(found)
    return statuses(found)


def read_only_server(site: Site, server: PostgreSQL) -> str:
    """The database is read-only."""
    with server.read_only(DATABASE):
        time.sleep(1.5)
        with site.readers() as found:
            sentence(site.save(site.records[1], "never"))
            assert site.ask("/readyz").status == 503
    only_pages(found)
    recovered = site.wait_until_ready(20)
    assert site.save(site.records[1], "after").status == 302
    return f"{statuses(found)}; ready again after {recovered:.1f} s"


def locked_table(site: Site, server: PostgreSQL) -> str:
    """Another program locks the table of projects."""
    with server.locked(DATABASE), site.readers() as found:
        refused = site.save(site.records[2], "never")
        sentence(refused)
    only_pages(found)
    assert site.save(site.records[2], "after").status == 302
    return f"save refused after {refused.seconds:.0f} s; {statuses(found)}"


def full_server(site: Site, server: PostgreSQL) -> str:
    """The disk of the database is full: first for tables, then for the log of transactions."""
    with server.on_small_disk() as filler:
        site.wait_until_ready(20)
        kept = {"before"}
        assert site.save(site.records[6], "before").status == 302
        with site.readers() as found:
            fill(filler)
            kept |= save_until_refused(site, site.records[6], "table")
            filler.unlink()
            assert site.save(site.records[6], "between").status == 302
            fill(filler)
            crash(server)
            assert site.ask("/healthz").status == 200
            filler.unlink()
            if not server.is_running():
                server.start()
            recovered = site.wait_until_ready(20)
        only_pages(found)
        time.sleep(2)  # both workers have noticed that the server is back
        lost = (kept | {"between"}) - site.words(site.records[6])
        assert not lost, lost
        assert site.save(site.records[6], "after").status == 302
    return (
        f"{len(kept)} saves acknowledged, 0 lost; {statuses(found)}; ready after {recovered:.1f} s"
    )


def crash(server: PostgreSQL) -> None:
    """Write to the log of transactions until its disk is full, and the server ends."""
    try:
        server.execute(*[WRITE_TO_THE_LOG] * 400)
    except psycopg2.OperationalError:
        return
    raise AssertionError("The log of transactions was not full.")


def fill(filler: Path) -> None:
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(b"x" * 4096)


def save_until_refused(site: Site, record: int, word: str) -> set[str]:
    """The words of the saves before the refusal, of 200 at most."""
    words = set()
    for number in range(200):
        answer = site.save(record, f"{word}{number}")
        if answer.status != 302:
            sentence(answer)
            return words
        words.add(f"{word}{number}")
    raise AssertionError("No save was refused.")


ON_POSTGRESQL = [
    restarted_server,
    stopped_server,
    read_only_server,
    locked_table,
    full_server,
]
