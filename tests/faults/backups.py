"""Backups beside uploads, on both databases."""

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.processes import BASE
from tests.faults.expectations import only_pages
from tests.faults.servers import program
from tests.faults.site import Site, statuses

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
            result = manage(site, Path(name), "backup", f"{name}/psf.tar.gz", "--prove")
            assert result.returncode == 0, result.stderr
        number, _error = uploads.communicate()
        assert [path.name for path in Path(name).iterdir()] == ["psf.tar.gz"]
    only_pages(found)
    return f"{BACKUPS} backups proved beside {number.strip()} uploads; {statuses(found)}"
