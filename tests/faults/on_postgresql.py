"""Faults of PostgreSQL. Each function returns its figures, or raises AssertionError."""

import time
from contextlib import suppress
from pathlib import Path

import psycopg2

from tests.faults.expectations import only_pages, outage, sentence
from tests.faults.servers import PostgreSQL
from tests.faults.site import Site, statuses

DATABASE = "benchmark"
WRITE_TO_THE_LOG = "SELECT pg_logical_emit_message(false, 'faults', repeat('x', 1000000))"


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
