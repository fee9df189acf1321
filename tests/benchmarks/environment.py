"""The base of every run: an empty database, the environment of its processes, the output."""

import os
import platform
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2

from tests.benchmarks.processes import BASE, parent
from tests.support.postgresql import start

PORT = 8471


def say(*words: object, end: str = "\n") -> None:
    print(*words, end=end, flush=True)  # noqa: T201


def table(head: str) -> None:
    say(f"\n{head}\n{'|---' * (head.count('|') - 1)}|")


def environment(database: str, page_cache_mb: int) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "psf.settings",
        "DATABASE_URL": database,
        "SITE_URL": f"http://127.0.0.1:{PORT}",
        "STATEMENT_TIMEOUT": "120",
        "PAGE_CACHE_MB": str(page_cache_mb),
    }


@cache
def postgresql() -> str:
    """The address of a server that serves every run and ends with this process."""
    return start()


@contextmanager
def fresh_database(kind: str, folder: Path) -> Iterator[tuple[str, list[int]]]:
    """The address of an empty database, and the process of its server, if it has one."""
    if kind == "sqlite":
        yield f"sqlite:///{folder}/db.sqlite3", []
        return
    server = psycopg2.connect(postgresql())
    server.autocommit = True
    with server.cursor() as cursor:
        cursor.execute("DROP DATABASE IF EXISTS benchmark WITH (FORCE)")
        cursor.execute("CREATE DATABASE benchmark")
    address = urlsplit(postgresql())._replace(path="/benchmark").geturl()
    yield address, [parent(server.info.backend_pid)]
    server.close()


def describe_machine() -> None:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=BASE, capture_output=True, text=True
    ).stdout.strip()
    say(
        f"{os.cpu_count()} processors, {memory:.0f} GiB, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}; commit {commit}; "
        f"load of the machine before: {os.getloadavg()[0]:.1f}."
    )
