import argparse
import gzip
import json
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
from tests.benchmarks.load import Cost, has_wrk, many_readers, one_reader, page
from tests.benchmarks.processes import granian, memory_mb, nginx, python
from tests.benchmarks.scenarios import AFTER_START, FIRST_STAFF_PAGE, PAGES, Scenario

NGINX_PORT = 8472
PEER_PORT = 8473
SECONDS_OF_WRITING = 120  # the first form of each worker is above the p95
GZIP = {"Accept-Encoding": "gzip"}
LIST = "/projects/"
HITS_HEAD = "| what | readers at once | requests a second | p50 ms | p99 ms | CPU ms | of nginx |"


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


def measure_pages(
    kind: str, projects: int, database: str, servers: list[int], facts: dict[str, Any]
) -> None:
    table("| page, not cached | p50 ms | p99 ms | CPU ms | kB | goal | |")
    with granian(PORT, environment(database, page_cache_mb=0)) as pid:
        for scenario in PAGES:
            cost = measure(scenario, PORT, [pid, *servers], facts)
            say(row_of(scenario, scenario.goal(kind, projects), cost))
        say(f"\nMemory of master and two workers (PSS): {memory_mb(pid):.0f} MB.")


def measure_writing(database: str, facts: dict[str, Any]) -> None:
    """The cost of writes, then readers of all pages beside staff who save."""
    writes = json.loads(python("-m", "tests.benchmarks.writes", env=environment(database, 0)))
    table("| write, CPU ms | with triggers | without |")
    for name, label in {"save": "Project.save()", "update": "update() of 1 000 titles"}.items():
        say(f"| {label} | {writes['with'][name]:.2f} | {writes['without'][name]:.2f} |")
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


def measure_edits(kind: str, projects: int, database: str, facts: dict[str, Any]) -> None:
    """CPU of one request in one process: warm, after an edit, and after a start for some pages."""
    env = environment(database, page_cache_mb=0)
    paths = {scenario: path_of(scenario, facts) for scenario in [*PAGES, FIRST_STAFF_PAGE]}
    costs = json.loads(python("-m", "tests.benchmarks.edits", *paths.values(), env=env))
    table("| page, CPU ms | warm | after an edit | goal after an edit | after a start |")
    for scenario, path in paths.items():
        goal, first = scenario.goal_after_edit(kind, projects) or "", ""
        if scenario.name in AFTER_START:
            alone = json.loads(python("-m", "tests.benchmarks.edits", path, env=env))
            first = f"{alone[path]['first']:.0f}"
        warm, edited = costs[path]["warm"], costs[path]["edited"]
        say(f"| {scenario.name} | {warm:.1f} | {edited:.1f} | {goal} | {first} |")


def measure_staff(database: str, facts: dict[str, Any]) -> None:
    """CPU of one request in one process, beside Django's own admin with the same records."""
    command = ["-m", "tests.benchmarks.staff_pages"]
    facts_of_page, env = [str(facts["form"]), facts["medium"]], environment(database, 0)
    ours, stock = (
        json.loads(python(*command, admin, *facts_of_page, env=env)) for admin in ["ours", "stock"]
    )
    table("| page of staff, CPU ms | ours | Django's own admin |")
    for name, cost in ours.items():
        say(f"| {name} | {cost:.1f} | {stock[name]:.1f} |")


def measure_peer(database: str, facts: dict[str, Any], folder: Path) -> None:
    """Datasette, with and without suggested facets."""
    file = datasette.flat_file(environment(database, 0), folder)
    table("| Datasette | p50 ms | p99 ms | CPU ms | kB | facets suggested |")
    for suggests in (True, False):
        with datasette.serve(file, PEER_PORT, suggests) as pid:
            for scenario in datasette.PAGES:
                cost = measure(scenario, PEER_PORT, [pid], facts)
                say(f"{words_of(scenario, cost)} {'yes' if suggests else 'no'} |")


def measure(scenario: Scenario, port: int, roots: list[int], facts: dict[str, Any]) -> Cost:
    path = path_of(scenario, facts)
    headers = GZIP | ({"Cookie": f"sessionid={facts['session']}"} if scenario.staff else {})
    cost = one_reader(port, path, headers, roots, times=40)
    assert cost.status == 200, (path, cost.status)
    return cost


def path_of(scenario: Scenario, facts: dict[str, Any]) -> str:
    return scenario.path.format(**{name: quote(str(value)) for name, value in facts.items()})


def row_of(scenario: Scenario, goal: float | None, cost: Cost) -> str:
    judged = "" if goal is None else "over" if cost.p50 > goal else "met"
    return f"{words_of(scenario, cost)} {goal or ''} | {judged} |"


def words_of(scenario: Scenario, cost: Cost) -> str:
    return (
        f"| {scenario.name} | {cost.p50:.1f} | {cost.p99:.1f} | {cost.cpu:.1f} "
        f"| {cost.size / 1000:.1f} |"
    )


def measure_hits(database: str, servers: list[int], folder: Path) -> None:
    """Cached pages and nginx in turns, so that other load of the machine disturbs both equally."""
    with granian(PORT, environment(database, page_cache_mb=32)) as pid:
        response, body = page(PORT, LIST, {})
        has_it = GZIP | {"If-None-Match": response.headers["ETag"]}
        table(HITS_HEAD)
        if not has_wrk():
            for name, headers in {"hit": GZIP, "304": has_it}.items():
                cost = one_reader(PORT, LIST, headers, [pid, *servers], times=2000)
                say(hit_row(name, 1, cost, None))
            say("\nwrk is not installed: one reader in Python, who takes most of the time.")
            return
        own = {
            "hit": (PORT, LIST, GZIP, [pid, *servers]),
            "304": (PORT, LIST, has_it, [pid, *servers]),
        }
        if shutil.which("nginx") is None:
            compare(own)
            say("\nnginx is not installed: there is nothing beside it.")
            return
        copy = folder / "static-copy"
        copy.mkdir()
        (copy / "index.html").write_bytes(body)
        (copy / "index.html.gz").write_bytes(gzip.compress(body))
        with nginx(NGINX_PORT, PORT, folder) as server:
            compare(
                {
                    "nginx, a file": (NGINX_PORT, "/static-copy/", GZIP, [server]),
                    **own,
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
        limit = middle.get("nginx, a file")
        for name, cost in middle.items():
            share = cost.requests_per_second / limit.requests_per_second if limit else None
            say(hit_row(name, at_once, cost, share))


def median(costs: list[Cost]) -> Cost:
    return Cost(*(statistics.median(values) for values in zip(*costs, strict=True)))


def hit_row(name: str, at_once: int, cost: Cost, share: float | None) -> str:
    rate = f"{cost.requests_per_second:,.0f}".replace(",", " ")
    return (
        f"| {name} | {at_once} | {rate} | {cost.p50:.2f} | {cost.p99:.2f} | {cost.cpu:.3f} "
        f"| {'' if share is None else f'{share:.0%}'} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("--projects", type=int, nargs="+", default=[1000, 30000])
    parser.add_argument(
        "--database", nargs="+", choices=["sqlite", "postgresql"], default=["sqlite"]
    )
    parser.add_argument("--only", choices=["pages", "writing", "hits"], help="a part of it")
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
                    measure_pages(kind, projects, database, servers, facts)
                    measure_edits(kind, projects, database, facts)
                    measure_staff(database, facts)
                    if kind == "sqlite" and datasette.is_here():
                        measure_peer(database, facts, Path(name))
                if options.only in [None, "writing"]:
                    measure_writing(database, facts)
                if options.only in [None, "hits"]:
                    measure_hits(database, servers, Path(name))


main()
