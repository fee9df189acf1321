"""Downloads of the list of projects: rows for each second of the processor, first byte, memory.

python -m tests.benchmarks.exports --projects 30000
"""

import argparse
import http.client
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks import datasette
from tests.benchmarks.environment import (
    PORT,
    describe_machine,
    environment,
    fresh_database,
    say,
    table,
)
from tests.benchmarks.processes import HOST, granian, memory_mb, processor_seconds, python

FILES = [
    ("CSV", "/projects.csv"),
    ("CSV, all columns", "/projects.csv?full=1"),
    ("CSV of partnerships", "/partnerships.csv"),
    ("XLSX", "/projects.xlsx"),
    ("JSON, one page", "/projects.json"),
]
PEER_FILES = [("Datasette, CSV", "/flat/projects.csv?_stream=on&_size=max")]
CHUNK = 2**16
PEER_PORT = 8473


class Download(NamedTuple):
    """Seconds of the processor, milliseconds to the first byte, lines, and bytes."""

    cpu: float
    first: float
    lines: int
    size: int


def download(port: int, path: str, roots: list[int]) -> Download:
    """The last of four downloads of the path, so that both workers are loaded."""
    for _round in range(4):
        connection = http.client.HTTPConnection(HOST, port, timeout=600)
        before, begin = processor_seconds(roots), time.perf_counter()
        connection.request("GET", path)
        response = connection.getresponse()
        chunk = response.read(1)
        first, lines, size = (time.perf_counter() - begin) * 1000, 0, 0
        assert response.status == 200, (path, response.status)
        while chunk:
            lines, size = lines + chunk.count(b"\r\n"), size + len(chunk)
            chunk = response.read(CHUNK)
        connection.close()
    return Download(processor_seconds(roots) - before, first, lines, size)


def measure(files: list[tuple[str, str]], port: int, roots: list[int]) -> None:
    for name, path in files:
        found = download(port, path, roots)
        rate = f"{found.lines / found.cpu:,.0f}".replace(",", " ") if ".csv" in path else ""
        say(f"| {name} | {found.cpu:.2f} | {rate} | {found.first:.0f} | {found.size / 1e6:.1f} |")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.exports")
    parser.add_argument("--projects", type=int, default=30000)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    options = parser.parse_args()
    describe_machine()
    with (
        tempfile.TemporaryDirectory(prefix="psf-benchmark-") as name,
        fresh_database(options.database, Path(name)) as (database, servers),
    ):
        env = environment(database, page_cache_mb=0)
        python("manage.py", "migrate", "--verbosity=0", env=env)
        say(python("-m", "tests.make_data", f"--projects={options.projects}", env=env).strip())
        table("| download | CPU s | rows a CPU second | first byte ms | MB |")
        with granian(PORT, env) as pid:
            measure(FILES, PORT, [pid, *servers])
            say(f"\nMemory of master and two workers (PSS): {memory_mb(pid):.0f} MB.")
        if options.database == "sqlite" and datasette.is_here():
            file = datasette.flat_file(env, Path(name))
            with datasette.serve(file, PEER_PORT, suggests=False) as pid:
                measure(PEER_FILES, PEER_PORT, [pid])


main()
