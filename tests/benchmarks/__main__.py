"""Speed and resources of the site, and how both grow with the number of projects.

    .venv/bin/python -m tests.benchmarks --projects 1000 30000 --database sqlite postgresql

makes the data in a temporary database, starts the server as in `make run`, and prints tables
in Markdown. It needs wrk and nginx (`apt install wrk nginx`) for cached pages, and compares with
Datasette where it is installed.
"""

import argparse
import gzip
import json
import os
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.benchmarks import datasette
from tests.benchmarks.environment import (
    PORT,
    describe_machine,
    environment,
    fresh_database,
    say,
    table,
)
from tests.benchmarks.load import Cost, many_readers, one_reader, page
from tests.benchmarks.processes import granian, memory_mb, nginx, processor_seconds, python
from tests.benchmarks.scenarios import AFTER_START, BESIDE_STOCK, PAGES, Scenario

NGINX_PORT = 8472
SECONDS_OF_WRITING = 120  # the first form of each worker is above the p95
GZIP = {"Accept-Encoding": "gzip"}
LIST = "/projects/"
HITS_HEAD = "| what | readers at once | requests a second | p50 ms | p99 ms | CPU ms | of nginx |"
HAS_CALL = "from projects.models import Call; Call.objects.create(title='Import', slug='import')"


def fill(database: str, projects: int) -> dict[str, Any]:
    """Make the data, and return the facts that the scenarios need."""
    env = environment(database, 0)
    python("manage.py", "migrate", "--verbosity=0", env=env)
    begin = time.monotonic()
    say(python("-m", "tests.make_data", f"--projects={projects}", env=env).strip())
    say(f"That took {time.monotonic() - begin:.1f} s.")
    python("manage.py", "prepare", env=env)
    if database.startswith("postgres"):
        # What PostgreSQL does by itself, which is not waited for and is off in an embedded one:
        # until then an index alone answers nothing. SQLite has no statistics at its users either.
        run = "from django.db import connection as c; c.cursor().execute('VACUUM ANALYZE')"
        python("manage.py", "shell", "--no-imports", "-c", run, env=env)
    return json.loads(python("-m", "tests.benchmarks.facts", env=env))


def measure_pages(projects: int, database: str, facts: dict[str, Any]) -> None:
    """CPU of one request in one process, and of pages of staff beside Django's own admin."""
    env = environment(database, page_cache_mb=0)
    paths = {scenario.name: path_of(scenario, facts) for scenario in PAGES}
    costs = cpu("ours", [*paths.values()], env)
    stock = cpu("stock", [paths[scenario.name] for scenario in BESIDE_STOCK], env)
    table("| page, CPU ms | warm | after an edit | goals | after a start | Django's own admin |")
    for scenario in PAGES:
        path = paths[scenario.name]
        own, theirs = costs[path], stock.get(path)
        is_first = scenario.name in AFTER_START
        first = f"{cpu('ours', [path], env)[path]['first']:.0f}" if is_first else ""
        goals = ", ".join(map(str, scenario.goal(projects)))
        peer = f"{theirs['warm']:.1f}" if theirs else ""
        say(f"| {scenario.name} | {own['warm']:.1f} | {own['edited']:.1f} ", end="")
        say(f"| {goals} | {first} | {peer} |")
        if theirs and "saved" in own:
            say(f"| saving this form | {own['saved']:.1f} | | | | {theirs['saved']:.1f} |")


def cpu(admin: str, paths: list[str], env: dict[str, str]) -> dict[str, dict[str, float]]:
    return json.loads(python("-m", "tests.benchmarks.cpu", admin, *paths, env=env))


def measure_files(projects: int, database: str, servers: list[int], folder: Path) -> None:
    """A download of all projects, and an import of as many into a call of its own."""
    env = environment(database, page_cache_mb=0)
    table("| file | CPU s | rows a CPU second |")
    with granian(PORT, env) as pid:
        report_file(
            "CSV of projects", projects, csv_seconds(PORT, "/projects.csv", [pid, *servers])
        )
    if not servers and datasette.is_here():
        with datasette.serve(datasette.flat_file(env, folder)) as pid:
            seconds = csv_seconds(datasette.PORT, datasette.CSV, [pid])
            report_file("Datasette, CSV", projects, seconds)
    file = folder / "import.csv"
    python("-m", "tests.benchmarks.import_file", str(projects), str(file), env=env)
    python("manage.py", "shell", "--no-imports", "-c", HAS_CALL, env=env)
    before = processor_seconds([os.getpid(), *servers])
    python("manage.py", "import_projects", str(file), "--call", "import", env=env)
    seconds = processor_seconds([os.getpid(), *servers]) - before
    report_file("import of projects", projects, seconds)


def csv_seconds(port: int, path: str, roots: list[int]) -> float:
    return one_reader(port, path, {}, roots, times=2, warm=4).cpu / 1000


def report_file(name: str, rows: int, seconds: float) -> None:
    rate = f"{rows / seconds:,.0f}".replace(",", " ")
    say(f"| {name} | {seconds:.2f} | {rate} |")


def measure_writing(database: str, facts: dict[str, Any]) -> None:
    """Readers of all pages beside staff who save."""
    env = environment(database, page_cache_mb=32)
    with granian(PORT, env) as pid:
        arguments = [json.dumps(facts), str(SECONDS_OF_WRITING)]
        result = json.loads(python("-m", "tests.benchmarks.writers", *arguments, env=env))
        memory = memory_mb(pid)
    table("| 16 readers beside 8 writers | a second | p50 ms | p95 ms |")
    for name in ["read", "form", "save"]:
        number, p50, p95 = result[name]
        say(f"| {name} | {number / SECONDS_OF_WRITING:.1f} | {p50:.0f} | {p95:.0f} |")
    say(f"\nMemory of master and two workers (PSS): {memory:.0f} MB.")


def measure_peer(database: str, facts: dict[str, Any], folder: Path) -> None:
    file = datasette.flat_file(environment(database, 0), folder)
    table("| Datasette | p50 ms | p99 ms | CPU ms | kB |")
    with datasette.serve(file) as pid:
        for scenario in datasette.PAGES:
            cost = one_reader(datasette.PORT, path_of(scenario, facts), GZIP, [pid], times=40)
            size = cost.size / 1000
            say(f"| {scenario.name} | {cost.p50:.1f} | {cost.p99:.1f} ", end="")
            say(f"| {cost.cpu:.1f} | {size:.1f} |")


def path_of(scenario: Scenario, facts: dict[str, Any]) -> str:
    return scenario.path.format(**{name: quote(str(value)) for name, value in facts.items()})


def measure_hits(database: str, servers: list[int], folder: Path) -> None:
    """Cached pages and nginx in turns, so that other load of the machine disturbs both equally."""
    with granian(PORT, environment(database, page_cache_mb=32)) as pid:
        response, body = page(PORT, LIST, {})
        has_it = GZIP | {"If-None-Match": response.headers["ETag"]}
        table(HITS_HEAD)
        copy = folder / "static-copy"
        copy.mkdir()
        (copy / "index.html").write_bytes(body)
        (copy / "index.html.gz").write_bytes(gzip.compress(body))
        with nginx(NGINX_PORT, PORT, folder) as server:
            compare(
                {
                    "nginx, a file": (NGINX_PORT, "/static-copy/", GZIP, [server]),
                    "hit": (PORT, LIST, GZIP, [pid, *servers]),
                    "304": (PORT, LIST, has_it, [pid, *servers]),
                    "hit behind nginx's cache": (NGINX_PORT, LIST, GZIP, [server, pid, *servers]),
                }
            )
        say(f"\nMemory of master and two workers (PSS): {memory_mb(pid):.0f} MB.")


def compare(servers: dict[str, tuple[int, str, dict[str, str], list[int]]]) -> None:
    for server in servers.values():  # each worker, over connections of its own, has made the page
        for _connection in range(10):
            one_reader(*server, times=1)
    for at_once in [1, 16, 64]:
        costs: dict[str, list[Cost]] = {name: [] for name in servers}
        for _round in range(5):
            for name, server in servers.items():
                costs[name].append(many_readers(*server, at_once=at_once, seconds=1))
        middle = {name: median(found) for name, found in costs.items()}
        limit = middle["nginx, a file"].requests_per_second
        for name, cost in middle.items():
            say(hit_row(name, at_once, cost, cost.requests_per_second / limit))


def median(costs: list[Cost]) -> Cost:
    return Cost(*(statistics.median(values) for values in zip(*costs, strict=True)))


def hit_row(name: str, at_once: int, cost: Cost, share: float) -> str:
    rate = f"{cost.requests_per_second:,.0f}".replace(",", " ")
    return (
        f"| {name} | {at_once} | {rate} | {cost.p50:.2f} | {cost.p99:.2f} | {cost.cpu:.3f} "
        f"| {share:.0%} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("--projects", type=int, nargs="+", default=[1000, 30000])
    parser.add_argument(
        "--database", nargs="+", choices=["sqlite", "postgresql"], default=["sqlite"]
    )
    parser.add_argument(
        "--only", choices=["pages", "files", "writing", "hits"], help="a part of it"
    )
    options = parser.parse_args()
    describe_machine()
    for kind in options.database:
        for projects in options.projects:
            say(f"\n## {kind}, {projects} projects\n")
            with (
                tempfile.TemporaryDirectory(prefix="psf-benchmark-") as name,
                fresh_database(kind, Path(name)) as (database, servers),
            ):
                facts = fill(database, projects)
                if options.only in [None, "pages"]:
                    measure_pages(projects, database, facts)
                    if kind == "sqlite" and datasette.is_here():
                        measure_peer(database, facts, Path(name))
                if options.only in [None, "files"]:
                    measure_files(projects, database, servers, Path(name))
                if options.only in [None, "writing"]:
                    measure_writing(database, facts)
                if options.only in [None, "hits"] and shutil.which("wrk") and shutil.which("nginx"):
                    measure_hits(database, servers, Path(name))


main()
