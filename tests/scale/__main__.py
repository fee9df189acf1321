"""Stops each part for some seconds while readers and staff ask for pages, and prints a table."""

import http.client
import os
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

from tests.scale.parts import HOST, PROXY, Part, make_parts, run

PAGES = ["/", "/projects/", "/projects/?country=lv", "/partners/", "/figures/", "/projects/?q=sea"]
STAFF_PAGE, DOWNLOAD = "/admin/login/", "/calls.csv"
SECONDS = 5
READERS = 4


class Phase:
    """The answers of some seconds: numbers by status, and the longest wait in milliseconds."""

    def __init__(self) -> None:
        self.readers: Counter[str] = Counter()
        self.staff: Counter[str] = Counter()
        self.downloads: Counter[str] = Counter()
        self.longest = 0.0
        self.ends_at = time.monotonic() + SECONDS

    def run(self) -> None:
        askers = [
            threading.Thread(target=self.ask, args=[PAGES, self.readers]) for _n in range(READERS)
        ]
        askers.append(threading.Thread(target=self.ask, args=[[STAFF_PAGE], self.staff]))
        askers.append(threading.Thread(target=self.ask, args=[[DOWNLOAD], self.downloads]))
        for asker in askers:
            asker.start()
        for asker in askers:
            asker.join()

    def ask(self, pages: list[str], answers: Counter[str]) -> None:
        number = 0
        while time.monotonic() < self.ends_at:
            number += 1
            started = time.monotonic()
            answers[status_of(pages[number % len(pages)])] += 1
            self.longest = max(self.longest, (time.monotonic() - started) * 1000)

    def line(self, name: str) -> str:
        cells = [
            ", ".join(f"{number} × {status}" for status, number in answers.items())
            for answers in [self.readers, self.downloads, self.staff]
        ]
        return f"| {' | '.join([name, *cells])} | {self.longest:.0f} |"


def status_of(page: str) -> str:
    """Return the status of a page, or "broken" for a broken connection."""
    connection = http.client.HTTPConnection(HOST, PROXY, timeout=15)
    try:
        connection.request("GET", page)
        response = connection.getresponse()
        response.read()
        return str(response.status)
    except (OSError, http.client.HTTPException):
        return "broken"
    finally:
        connection.close()


def measured(name: str) -> Phase:
    phase = Phase()
    phase.run()
    sys.stdout.write(f"{phase.line(name)}\n")
    sys.stdout.flush()
    return phase


def edit_a_project(parts: dict[str, Part]) -> None:
    run([sys.executable, "-m", "tests.scale.edit"], parts["first node"].env)


def demonstrate(parts: dict[str, Part]) -> None:
    sys.stdout.write(
        "| state | readers | downloads | sign-in page of staff | longest wait, ms |\n"
        "|---|---|---|---|---|\n"
    )
    edit_a_project(parts)
    measured("all parts run")
    for name in ["replica", "first node", "cache server", "pool", "second node", "primary"]:
        edit_a_project(parts)
        parts[name].kill()
        measured(f"without {name}")
        parts[name].start()
        measured(f"{name} is back")


def main() -> None:
    if os.geteuid():
        raise SystemExit("Run this as root: it starts PostgreSQL as the user postgres.")
    with tempfile.TemporaryDirectory(prefix="psf-scale-") as folder:
        parts: dict[str, Part] = {}
        try:
            parts = make_parts(Path(folder))
            demonstrate(parts)
        finally:
            for part in parts.values():
                part.kill()


main()
