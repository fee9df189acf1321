"""Backups beside uploads, and restores of harmed archives, on both databases."""

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.processes import BASE, python
from tests.faults.expectations import only_pages
from tests.faults.servers import program
from tests.faults.site import Site, statuses
from tests.support.harmed_archives import HARMED, UPLOAD

BACKUPS = 4
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
CONTENT = """
from pathlib import Path
from django.conf import settings
from psf.database.sql import count_rows
print(count_rows(), sorted(Path(settings.MEDIA_ROOT).rglob("*")))
"""


def manage(site: Site, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    programs = Path(program("pg_dump")).parent
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
            options = ["--prove", "--at-most", "5"]
            result = manage(site, Path(name), "backup", f"{name}/psf.tar.gz", *options)
            assert result.returncode == 0, result.stderr
        number, _error = uploads.communicate()
        assert [path.name for path in Path(name).iterdir()] == ["psf.tar.gz"]
    only_pages(found)
    return f"{BACKUPS} backups proved beside {number.strip()} uploads; {statuses(found)}"


def harmed_archives(site: Site) -> str:
    """`restore` refuses each harmed archive with a sentence and changes nothing."""
    upload = Path(site.environment["MEDIA_ROOT"]) / Path(UPLOAD).relative_to("media")
    upload.parent.mkdir(parents=True, exist_ok=True)
    upload.write_text("an upload")
    content = ["manage.py", "shell", "-v", "0", "-c", CONTENT]
    with TemporaryDirectory() as name, site.readers(1) as found:
        archive = Path(name) / "psf.tar.gz"
        assert manage(site, Path(name), "backup", str(archive)).returncode == 0
        whole, before = archive.read_bytes(), python(*content, env=site.environment)
        for title, (harm, words) in HARMED.items():
            archive.write_bytes(harm(whole))
            result = manage(site, Path(name), "restore", str(archive), "--yes")
            sentence = result.stderr.strip()
            assert (result.returncode, result.stdout) == (1, ""), (title, result)
            assert words in sentence, (title, sentence)
            assert "\n" not in sentence, (title, sentence)
        assert python(*content, env=site.environment) == before
        assert [path.name for path in Path(name).iterdir()] == ["psf.tar.gz"]
    only_pages(found)
    return f"{len(HARMED)} archives refused, nothing changed; {statuses(found)}"
