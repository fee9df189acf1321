"""Datasette with the same projects, measured in the same hour, for comparison."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks.processes import HOST, python, running
from tests.benchmarks.scenarios import Scenario

PORT = 8473
FACETS = "_facet=country&_facet=status"
# Its limits are raised: by default it leaves out what takes longer.
LIMITS = {"sql_time_limit_ms": 60_000, "facet_time_limit_ms": 60_000, "suggest_facets": 0}

# Two facets, where our list counts nine. The words are those of our index, as beginnings.
PAGES = [
    Scenario("table", f"/flat/projects?_size=25&{FACETS}"),
    Scenario("one country chosen", f"/flat/projects?_size=25&country=SE&{FACETS}"),
    *(
        Scenario(
            f"search, {word} word",
            f"/flat/projects?_size=25&_search={{{word}}}*&_searchmode=raw&{FACETS}",
        )
        for word in ("broad", "medium", "rare")
    ),
    Scenario("row", "/flat/projects/1"),
]
CSV = "/flat/projects.csv?_stream=on&_size=max"


def is_here() -> bool:
    return shutil.which("datasette") is not None


def flat_file(env: dict[str, str], folder: Path) -> Path:
    """The public projects as the one table that it serves."""
    file = folder / "flat.db"
    python("-m", "tests.benchmarks.flat_file", str(file), env=env)
    return file


@contextmanager
def serve(file: Path) -> Iterator[int]:
    """The file served. By default Datasette also suggests facets, which costs it the most."""
    command = [shutil.which("datasette") or "", "serve", str(file), "-h", HOST, "-p", str(PORT)]
    command += [part for name, value in LIMITS.items() for part in ("--setting", name, str(value))]
    with running(command, dict(os.environ), f"http://{HOST}:{PORT}/-/versions.json") as pid:
        yield pid
