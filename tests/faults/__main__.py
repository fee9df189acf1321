"""Run all faults: `python -m tests.faults [sqlite|postgresql] [name …]`."""

import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.processes import describe_machine, fresh_database, postgresql, say
from tests.faults.on_both_databases import ANYWHERE
from tests.faults.on_postgresql import ON_POSTGRESQL, PostgreSQL
from tests.faults.on_sqlite import ON_SQLITE
from tests.faults.site import Site


def run(kind: str, names: list[str]) -> int:
    """Print one line for each fault; return the number of failures."""
    failures = 0
    with TemporaryDirectory() as name, fresh_database(kind, Path(name)) as address:
        site = Site.prepare(address, Path(name))
        own: list[Callable[[], str]] = [partial(fault, site) for fault in ANYWHERE]
        if kind == "sqlite":
            own += [partial(fault, site) for fault in ON_SQLITE]
        else:
            server = PostgreSQL(postgresql())
            own += [partial(fault, site, server) for fault in ON_POSTGRESQL]
        for fault in own:
            title = fault.func.__name__  # type: ignore[attr-defined]
            if names and title not in names:
                continue
            began = time.monotonic()
            with site.running():
                try:
                    result = fault()
                except AssertionError as error:
                    failures += 1
                    result = f"FAILED: {error}"
            seconds = time.monotonic() - began
            say(f"| {kind} | {title.replace('_', ' ')} | {result} | {seconds:.0f} s |")
    return failures


def main() -> None:
    words = sys.argv[1:]
    kinds = [word for word in words if word in ["sqlite", "postgresql"]] or ["sqlite", "postgresql"]
    names = [word for word in words if word not in kinds]
    describe_machine()
    say("\n| database | fault | answers | duration |\n|---|---|---|---|")
    sys.exit(sum(run(kind, names) for kind in kinds))


main()
