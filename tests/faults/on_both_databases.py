"""Faults on both databases. Each function returns its figures, or raises AssertionError."""

import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.processes import BASE, postgresql_program, python
from tests.faults.site import PUBLIC, Answer, Site, at_once, only_pages, statuses
from tests.faults.slow_senders import slow_senders

REBUILD_TRIGGERS = """
from django.apps import apps
from psf.database import triggers
triggers.drop_all_triggers("default", ["a migration"])
triggers.install_all_triggers("default", apps, ["a migration"])
"""

# Opens one hour ago and closes in three hours.
OPEN_CALL = """
from datetime import timedelta
from django.utils import timezone
from tests.support.factories import make_call
now, hour = timezone.now(), timedelta(hours=1)
print(make_call(opens_at=now - hour, closes_at=now + 3 * hour, published_at=now - hour).slug)
"""
DIGESTS = "from psf.operations.backup_proof import page_digests as p; print(p())"
BACKUPS = 2
# Uploads one document after the other, in small pieces, until the input ends; prints the number.
UPLOADS = """
import select, sys
from django.core.files.uploadedfile import SimpleUploadedFile
from projects.models import Document, Project
from projects.post_award.documents import add_document
file = SimpleUploadedFile("report.pdf", b"%PDF-1.7" + b"x" * 1_000_000)
file.DEFAULT_CHUNK_SIZE = 256
project, number = Project.objects.first(), 0
while not select.select([sys.stdin], [], [], 0)[0]:
    document = add_document(project, file, None, title="Report")
    Document.objects.exclude(pk=document.pk).delete()  # a project may have 500 MB
    number += 1
print(number)
"""
FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1")


def readers_at_once(site: Site) -> str:
    """64 readers at once."""
    found: list[Answer] = []

    def read(place: int) -> None:
        found.extend(site.ask(PUBLIC[(place + number) % len(PUBLIC)]) for number in range(10))

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


def clock_of_the_machine(site: Site) -> str:
    """The clock jumps over the deadline of a call, and is corrected."""
    assert FAKETIME.exists(), "The library is missing: apt install faketime"
    call = python("manage.py", "shell", "-v", "0", "-c", OPEN_CALL, env=site.environment).strip()
    site.stop()
    clock = Path(site.environment["MEDIA_ROOT"]).with_name("clock")
    set_clock(clock, "+0")
    faketime = {
        "LD_PRELOAD": str(FAKETIME),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    states = []
    with site.running(**faketime), site.readers() as found:
        for number, offset in enumerate(["+0", "+4h", "+0", "-2h", "+0"]):
            set_clock(clock, offset)
            time.sleep(3)
            states.append("No call is open" not in site.ask("/").text)
            saved = site.save(site.records[7], f"clock{number}")
            assert saved.status == 302, (offset, saved.status)
        assert {f"clock{number}" for number in range(5)} <= site.words(site.records[7])
    assert states == [True, False, True, False, True], (call, states)
    only_pages(found)
    return statuses(found)


def set_clock(clock: Path, offset: str) -> None:
    """Write the file at once: the library ends a process that reads half of it."""
    new = clock.with_suffix(".new")
    new.write_text(offset)
    new.replace(clock)


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


def migration(site: Site) -> str:
    """All triggers, lists and search documents are made again, as by each migration."""
    with site.readers() as found:
        python("manage.py", "shell", "-v", "0", "-c", REBUILD_TRIGGERS, env=site.environment)
    only_pages(found)
    return statuses(found)


def zone_of_the_machine(site: Site) -> str:
    """The machine moves to the other side of the date line."""
    pages = {
        zone: python(
            "manage.py", "shell", "-v", "0", "-c", DIGESTS, env=site.environment | {"TZ": zone}
        )
        for zone in ["UTC", "Pacific/Kiritimati"]
    }
    assert len({*pages.values()}) == 1
    return "the same pages"


def manage(site: Site, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    programs = Path(postgresql_program("pg_dump")).parent
    environment = {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "HOME": str(folder)}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=BASE,
        env=site.environment | environment,
        capture_output=True,
        text=True,
    )


def uploads_during_a_backup(site: Site) -> str:
    """Documents are uploaded all the time; each backup is complete and can be restored."""
    command = [sys.executable, "manage.py", "shell", "-v", "0", "-c", UPLOADS]
    with (
        TemporaryDirectory() as name,
        site.readers(1) as found,
        subprocess.Popen(
            command,
            cwd=BASE,
            env=site.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as uploads,
    ):
        for _number in range(BACKUPS):
            result = manage(site, Path(name), "backup", f"{name}/psf.tar.gz", "--prove")
            assert result.returncode == 0, result.stderr
        number, _error = uploads.communicate()
        assert [path.name for path in Path(name).iterdir()] == ["psf.tar.gz"]
    only_pages(found)
    return f"{BACKUPS} backups proved beside {number.strip()} uploads; {statuses(found)}"


ANYWHERE = [
    readers_at_once,
    writers_at_once,
    migration,
    zone_of_the_machine,
    slow_senders,
    clock_of_the_machine,
    killed_workers,
    uploads_during_a_backup,
]
