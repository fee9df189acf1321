"""The faults. Each function returns its figures, or raises AssertionError."""

import os
import resource
import shutil
import signal
import sqlite3
import time
from contextlib import AbstractContextManager, closing
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

from tests.benchmarks.processes import python
from tests.faults.servers import PostgreSQL
from tests.faults.site import PUBLIC, Answer, Site, at_once, statuses

DATABASE = "benchmark"
REBUILD_TRIGGERS = """
from django.apps import apps
from psf.database import triggers
triggers.drop_all_triggers("default", ["a migration"])
triggers.install_all_triggers("default", apps, ["a migration"])
"""


def only_pages(found: list[Answer]) -> None:
    wrong = [answer for answer in found if not answer.is_page_or_promise()]
    assert not wrong, f"{statuses(found)}: {wrong[0].text[:200]}"


def sentence(answer: Answer) -> None:
    assert answer.status == 503, answer.status
    assert "Nothing was saved" in answer.text, answer.text[:500]


def readers_at_once(site: Site) -> str:
    """64 readers at once."""
    found: list[Answer] = []
    pages = ["/", "/projects/", "/calls/", "/partners/", "/countries/", "/figures/"]

    def read(place: int) -> None:
        found.extend(site.ask(pages[(place + number) % 6]) for number in range(10))

    at_once(64, read)
    assert all(answer.status == 200 for answer in found), statuses(found)
    return statuses(found)


def writers_at_once(site: Site) -> str:
    """12 members of staff save at once."""
    found: list[Answer] = []
    at_once(
        12, lambda place: found.extend(site.save(site.records[place], f"w{n}") for n in range(3))
    )
    assert all(answer.status == 302 for answer in found), statuses(found)
    assert all({"w0", "w1", "w2"} <= site.words(record) for record in site.records)
    return statuses(found)


def killed_workers(site: Site) -> str:
    """kill -9 of a worker every seven seconds while six save."""
    acknowledged: set[tuple[int, str]] = set()
    found: list[Answer] = []
    end = time.monotonic() + 25

    def write(place: int) -> None:
        number = 0
        while time.monotonic() < end:
            if place == 6:
                site.kill_a_worker()
                time.sleep(7)
                continue
            record, word = site.records[place], f"k{number}"
            found.append(site.save(record, word))
            if found[-1].status == 302:
                acknowledged.add((record, word))
            number += 1

    at_once(7, write)
    site.wait_until_ready(20)
    lost = [(record, word) for record, word in acknowledged if word not in site.words(record)]
    assert not lost, lost
    return f"{len(acknowledged)} acknowledged, 0 lost; {statuses(found)}"


def reload(site: Site) -> str:
    """New workers by HUP."""
    assert site.server
    with site.readers() as found:
        time.sleep(1)
        site.server.send_signal(signal.SIGHUP)
        time.sleep(15)
    assert all(answer.status == 200 for answer in found), statuses(found)
    return statuses(found)


def migration(site: Site) -> str:
    """All triggers, lists and search documents are made again, as by each migration."""
    with site.readers() as found:
        python("manage.py", "shell", "-v", "0", "-c", REBUILD_TRIGGERS, env=site.environment)
    only_pages(found)
    return statuses(found)


def zone_of_the_machine(site: Site) -> str:
    """The machine moves to the other side of the date line."""
    pages = {
        zone: python("manage.py", "digest_pages", env=site.environment | {"TZ": zone})
        for zone in ["UTC", "Pacific/Kiritimati"]
    }
    assert len({*pages.values()}) == 1
    return "the same pages"


def outage(site: Site, fault: AbstractContextManager[None], seconds: float) -> str:
    """Readers get pages or 503, staff a sentence, static files and health answer at once."""
    for address in ["/", "/projects/"]:
        site.ask(address)
    with site.readers(addresses=["/", "/projects/", "/calls/", "/projects/?q=river"]) as found:
        with fault:
            end = time.monotonic() + seconds
            time.sleep(1.5)
            sentence(site.ask("/admin/", staff=True))
            while time.monotonic() < end:
                for address in ["/static/psf/site.css", "/healthz"]:
                    answer = site.ask(address)
                    assert answer.status == 200, (address, answer.status)
                    assert answer.seconds < 3, (address, answer.seconds)
                time.sleep(0.5)
            assert site.ask("/readyz").status == 503
        recovered = site.wait_until_ready(20)
    only_pages(found)
    assert site.save(site.records[0], "after").status == 302
    return f"{statuses(found)}; ready again after {recovered:.1f} s"


# PostgreSQL


def stopped_server(site: Site, server: PostgreSQL) -> str:
    """The database is stopped for ten seconds."""
    return outage(site, server.stopped(), 10)


def frozen_server(site: Site, server: PostgreSQL) -> str:
    """All processes of the database are frozen for fifteen seconds."""
    return outage(site, server.frozen(), 15)


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


# SQLite


def path_of(site: Site) -> Path:
    return Path(urlsplit(site.database).path)


def locked_file(site: Site) -> str:
    """Another program locks the file, for five seconds and for 45."""
    results = []
    for seconds, status in [(5, 302), (45, 503)]:
        saves: list[Answer] = []
        with closing(sqlite3.connect(path_of(site), isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            save = Thread(target=_save_locked, args=(site, saves))
            with site.readers(2) as found:
                save.start()
                save.join(seconds)
                other.execute("ROLLBACK")
                save.join()
        only_pages(found)
        assert saves[0].status == status, (seconds, saves[0].status)
        results.append(f"{seconds} s: {status} after {saves[0].seconds:.0f} s")
    return "; ".join(results)


def _save_locked(site: Site, saves: list[Answer]) -> None:
    saves.append(site.save(site.records[3], "locked"))


def full_disk(site: Site) -> str:
    """No file of the database may grow."""
    for address in PUBLIC * 4:  # every thread has opened the files
        site.ask(address)
    assert site.save(site.records[4], "before").status == 302
    limits = {pid: resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in site.workers()}
    for pid, (_soft, hard) in limits.items():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (4096, hard))
    with site.readers() as found:
        refused = site.save(site.records[4], "never")
    for pid, limit in limits.items():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, limit)
    sentence(refused)
    only_pages(found)
    time.sleep(2)  # a database that failed is asked again after a second
    saved = site.save(site.records[4], "after")
    assert saved.status == 302, (saved.status, saved.text[:500])
    return statuses(found)


def replaced_file(site: Site) -> str:
    """The file is replaced by a backup, without a restart."""
    copy = path_of(site).with_name("copy.sqlite3")
    with (
        closing(sqlite3.connect(path_of(site))) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")
        target.execute("UPDATE projects_project SET title = 'From the backup' WHERE id = 1")
        target.commit()
    with site.readers() as found:
        time.sleep(1)
        for suffix in ["-wal", "-shm"]:
            path_of(site).with_name(path_of(site).name + suffix).unlink(missing_ok=True)
        os.replace(shutil.copy(copy, f"{copy}.new"), path_of(site))
        time.sleep(3)
    only_pages(found)
    assert "From the backup" in site.ask("/projects/").text
    assert site.save(site.records[5], "after").status == 302
    return statuses(found)


EVERYWHERE = [
    readers_at_once,
    writers_at_once,
    reload,
    migration,
    zone_of_the_machine,
    killed_workers,
]
ON_SQLITE = [locked_file, full_disk, replaced_file]
ON_POSTGRESQL = [
    restarted_server,
    stopped_server,
    frozen_server,
    read_only_server,
    locked_table,
]
