"""Faults of SQLite. Each function returns its figures, or raises AssertionError."""

import resource
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from urllib.parse import urlsplit

from tests.benchmarks.processes import python
from tests.faults.site import PUBLIC, Answer, Site, only_pages, sentence, statuses


def path_of(site: Site) -> Path:
    return Path(urlsplit(site.environment["DATABASE_URL"]).path)


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
        assert saves[0].status == status, (seconds, saves[0].status, saves[0].seconds)
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


def read_only_file(site: Site) -> str:
    """The folder, the file and its log may not be written, as on a disk with errors."""
    file = path_of(site)
    files = [str(file.parent), str(file), f"{file}-wal"]
    for address in PUBLIC * 4:  # every thread has opened the files
        site.ask(address)
    subprocess.run(["chattr", "+i", *files], check=True)
    try:
        time.sleep(2.5)  # the site may answer /readyz with problems that are two seconds old
        with site.readers() as found:
            sentence(site.save(site.records[4], "never"))
            ready = site.ask("/readyz")
            assert ready.status == 503, ready.text
    finally:
        subprocess.run(["chattr", "-i", *files], check=True)
    only_pages(found)
    recovered = site.wait_until_ready(20)
    end = time.monotonic() + 90  # a connection of that time cannot write, and lives for a minute
    while (saved := site.save(site.records[4], "after")).status != 302:
        sentence(saved)
        assert time.monotonic() < end, "Connections of the read-only time stay."
        time.sleep(5)
    return f"{statuses(found)}; ready again after {recovered:.1f} s"


def restored_file(site: Site) -> str:
    """`restore` writes an earlier state into the file, without a restart."""
    title = "UPDATE projects_project SET title = ? WHERE id = 1"
    with TemporaryDirectory() as name:
        archive = str(Path(name) / "psf.tar.gz")
        for words in ["From the backup", "Changed since"]:
            with closing(sqlite3.connect(path_of(site))) as database, database:
                database.execute(title, [words])
            if not Path(archive).exists():
                python("manage.py", "backup", archive, env=site.environment)
        with site.readers() as found:
            time.sleep(1)
            python("manage.py", "restore", archive, "--yes", env=site.environment)
            # On a busy machine the database may answer too late: pages from memory are shown.
            end = time.monotonic() + 20
            while "From the backup" not in site.ask("/projects/").text:
                assert time.monotonic() < end, "The pages are still those of the former rows."
    only_pages(found)
    assert site.save(site.records[5], "after").status == 302
    return statuses(found)


ON_SQLITE = [locked_file, full_disk, read_only_file, restored_file]
