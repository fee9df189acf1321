"""Measures everything and prints one table; see the docstring of the package."""

import argparse
import gzip
import http.client
import json
import os
import shutil
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from urllib.request import urlopen

from tests.benchmarks.processes import (
    HOST,
    describe_machine,
    environment,
    free_port,
    fresh_database,
    memory_mb,
    processor_seconds,
    python,
    running,
    say,
    server_command,
)

PROGRAMS = ["nginx", "datasette"]
HITS, REQUESTS = 10_000, 40
LIST = "/projects/"
NGINX = """
daemon off; worker_processes 2; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
    access_log off; keepalive_requests 1000000; default_type text/html;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{ listen {host}:{port}; root {folder}; gzip_static on; index index.html; }}
}}
"""
# Two facets, where our list counts nine. By default Datasette leaves out what takes longer.
FACETS = "_size=25&_facet=call&_facet=status"
LIMITS = {"sql_time_limit_ms": 60_000, "facet_time_limit_ms": 60_000, "suggest_facets": 0}
DATASETTE = {
    "list": f"/flat/projects?{FACETS}",
    "search: broad word": f"/flat/projects?_search=sea&{FACETS}",
    "row": "/flat/projects/1",
}
# A figure of a row of the table.
Report = Callable[[str, str], None]


def fill(database: str, projects: int) -> list[str]:
    """Make the data; the addresses of public pages."""
    env = environment(database)
    python("manage.py", "migrate", "--verbosity=0", env=env)
    python("-m", "tests.make_data", f"--projects={projects}", env=env)
    python("manage.py", "prepare", env=env)
    pages: list[str] = json.loads(python("-m", "tests.benchmarks.pages", "addresses", env=env))
    if database.startswith("postgres"):  # which an embedded server does not do by itself
        run = "from django.db import connection as c; c.cursor().execute('VACUUM ANALYZE')"
        python("manage.py", "shell", "--no-imports", "-c", run, env=env)
    return pages


def measure_pages(database: str, report: Report) -> None:
    env = environment(database, page_cache_mb=0)
    for kind, prefix in [("ours", ""), ("stock", "Django's own ")]:
        for name, costs in json.loads(
            python("-m", "tests.benchmarks.pages", kind, env=env)
        ).items():
            report(f"{prefix}{name}, CPU ms", "; ".join(f"{cost:.1f}" for cost in costs))


def measure_server(database: str, pages: list[str], folder: Path, report: Report) -> None:
    """A page from memory, and the memory after all pages; beside it a file of nginx."""
    port = free_port()
    address = f"http://{HOST}:{port}"
    env = environment(database) | {"SITE_URL": address}
    with running(server_command(port), env, f"{address}/healthz") as pid:
        for page in pages * 4:  # both workers
            cpu_ms(port, page, pid, times=1)
        report("page from memory, CPU ms", f"{cpu_ms(port, LIST, pid, HITS):.3f}")
        report("memory of two workers after all pages (PSS), MB", f"{memory_mb(pid):.0f}")
        with urlopen(f"{address}{LIST}") as answer:
            body: bytes = answer.read()
    if shutil.which("nginx"):
        (folder / "index.html").write_bytes(body)
        (folder / "index.html.gz").write_bytes(gzip.compress(body))
        folder.chmod(0o755)
        configuration = folder / "nginx.conf"
        configuration.write_text(NGINX.format(folder=folder, host=HOST, port=port))
        command = ["nginx", "-c", str(configuration), "-e", str(folder / "error.log")]
        with running(command, dict(os.environ), f"{address}/") as pid:
            report("nginx, this page as a file, CPU ms", f"{cpu_ms(port, '/', pid, HITS):.3f}")


def measure_datasette(database: str, folder: Path, report: Report) -> None:
    file, port = folder / "flat.db", free_port()
    python("-m", "tests.benchmarks.pages", "flat", str(file), env=environment(database))
    command = ["datasette", "serve", str(file), "-h", HOST, "-p", str(port)]
    command += [part for name, value in LIMITS.items() for part in ("--setting", name, str(value))]
    with running(command, dict(os.environ), f"http://{HOST}:{port}/-/versions.json") as pid:
        for name, path in DATASETTE.items():
            report(f"Datasette, {name}, CPU ms", f"{cpu_ms(port, path, pid, REQUESTS):.1f}")


def cpu_ms(port: int, path: str, server: int, times: int) -> float:
    """The processor time of a server for one request over an open connection."""
    connection = http.client.HTTPConnection(HOST, port, timeout=120)
    before = processor_seconds(server)
    for _request in range(times):
        connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
        response = connection.getresponse()
        assert response.status == 200, (path, response.status)
        response.read()
    connection.close()
    return (processor_seconds(server) - before) * 1000 / times


def print_table(rows: dict[str, dict[str, str]]) -> None:
    runs = [*next(iter(rows.values()))]
    say(f"\n| what | {' | '.join(runs)} |\n|---{'|---' * len(runs)}|")
    for name, values in rows.items():
        say(f"| {name} | {' | '.join(values.get(run, '') for run in runs)} |")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("--projects", type=int, nargs="+", default=[1000, 30000])
    parser.add_argument(
        "--database", nargs="+", choices=["sqlite", "postgresql"], default=["sqlite"]
    )
    options = parser.parse_args()
    describe_machine()
    if missing := [name for name in PROGRAMS if not shutil.which(name)]:
        say(f"Not compared, because not installed: {', '.join(missing)}.")
    say("Two figures of a page are with the values of the data made, and first after an edit.")
    rows = defaultdict[str, dict[str, str]](dict)
    for kind in options.database:
        for projects in options.projects:
            run, began = f"{kind}, {projects}", time.monotonic()
            with (
                tempfile.TemporaryDirectory(prefix="psf-benchmark-") as name,
                fresh_database(kind, Path(name)) as database,
            ):

                def report(row: str, value: str, run: str = run) -> None:
                    rows[row][run] = value

                pages = fill(database, projects)
                measure_pages(database, report)
                measure_server(database, pages, Path(name), report)
                if shutil.which("datasette"):
                    measure_datasette(database, Path(name), report)
            say(f"{run}: measured in {time.monotonic() - began:.0f} s.")
    print_table(rows)


main()
