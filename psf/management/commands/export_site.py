import os
import signal
from argparse import ArgumentParser
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError, OutputWrapper

from psf.http.in_process_requests import fetch
from psf.operations.arguments import whole_number
from psf.static_site.export import export_site, site
from psf.static_site.files import STATE_FILE

SECONDS_BETWEEN_REPORTS = 2
STOPPED = (
    "The export was stopped. Do not serve the folder: it can have new and earlier pages, and "
    "pages can be missing. The same command continues the export."
)
STATUS_OF_STOPPED = 3  # beside 1: the folder is complete, but addresses have no page


class Command(BaseCommand):
    help = "Write the public site as files that any web server can serve."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="an empty folder, or an earlier export")
        parser.add_argument(
            "--processes",
            type=whole_number(1, 64),
            default=os.cpu_count() or 1,
            help="number of processes",
        )
        parser.add_argument("--afresh", action="store_true", help="do not continue an export")

    def handle(self, *args: Any, folder: Path, processes: int, **options: Any) -> None:
        refuse_foreign_folder(folder)
        refuse_broken_site()
        with told_when_stopped():
            export = export_site(folder, processes, ExportProgress(self.stderr), options["afresh"])
        for address in export.broken:
            self.stderr.write(f"No page: {address}")
        self.stdout.write(f"{export.files} files written, {export.removed} old files deleted.")
        if export.is_outdated:
            self.stderr.write("Data changed during the export. Run the command again.")
        if export.broken:
            raise CommandError(f"{len(export.broken)} addresses have no page.")


@contextmanager
def told_when_stopped() -> Iterator[None]:
    """Raise CommandError after SIGINT, SIGTERM or a fault, once the processes have ended."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except (KeyboardInterrupt, OSError, BrokenExecutor) as error:
        reason = f"{error}\n" if str(error) else ""
        raise CommandError(f"{reason}{STOPPED}", returncode=STATUS_OF_STOPPED) from None
    finally:
        signal.signal(signal.SIGTERM, before)


def refuse_foreign_folder(folder: Path) -> None:
    """Raise CommandError for a folder with files that no export wrote: an export deletes them."""
    if folder.exists() and os.listdir(folder) and not (folder / STATE_FILE).exists():
        raise CommandError(f"{folder} has other files. Name an empty folder or an earlier export.")


def refuse_broken_site() -> None:
    """Raise CommandError if the home page fails, as each page does before `prepare`."""
    if (status := fetch(site(), "/").status) != 200:
        raise CommandError(f"The home page answers {status}. Run manage.py prepare first.")


class ExportProgress:
    """Reports on stderr how much is done, at most every two seconds."""

    def __init__(self, stream: OutputWrapper) -> None:
        self.stream = stream
        self.reported_at = monotonic()

    def __call__(self, done: int, known: int) -> None:
        if monotonic() - self.reported_at >= SECONDS_BETWEEN_REPORTS:
            self.reported_at = monotonic()
            self.stream.write(f"{done} of {known} pages")
