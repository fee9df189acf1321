"""Proof of a backup: restored into a scratch place, it shows the same public pages."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings
from django.core.management.base import CommandError
from django.db import connection, connections
from django.test import Client
from django.urls import get_resolver

from psf.caching.data_version import VersionReader
from psf.http.requests import routes
from psf.operations.postgresql import run_program

# Prints the digests in a process of its own, with other settings.
PRINT_DIGESTS = """
import json
from psf.operations.backup_proof import page_digests
print(json.dumps(page_digests()))
"""
DIGESTS = ["shell", "--no-imports", "--verbosity=0", "--command", PRINT_DIGESTS]
SKIPPED = ("/admin/", "/healthz", "/readyz")


def plain_addresses() -> Iterator[str]:
    """The addresses without a record, except pages for machines."""
    for route, _view in routes(get_resolver().url_patterns):
        if "<" not in route and "^" not in route and not route.startswith(SKIPPED):
            yield route


def record_addresses() -> Iterator[str]:
    """The addresses of all records that readers see."""
    for model in apps.get_models():
        public = getattr(model._default_manager, "public", None)
        if public and hasattr(model, "get_absolute_url") and model._meta.managed:
            for record in public().order_by("pk").iterator(chunk_size=500):
                yield record.get_absolute_url()


def page_digests() -> dict[str, str]:
    """The status and a digest of the content of each public page."""
    client = Client(raise_request_exception=False, headers={"host": "localhost"})
    digests: dict[str, str] = {}
    for address in [*plain_addresses(), *record_addresses()]:
        response = client.get(address, secure=True)
        content = b"".join(response) if response.streaming else response.content
        digests[address] = f"{response.status_code} {sha256(content).hexdigest()}"
    return digests


SCRATCH_DATABASE = "psf_backup_proof"
# The order of names on pages depends on the locale.
LOCALE = "SELECT datcollate, datctype FROM pg_database WHERE datname = current_database()"
CREATE_SCRATCH_DATABASE = (
    f"CREATE DATABASE {SCRATCH_DATABASE} TEMPLATE template0 ENCODING 'UTF8' "
    "LC_COLLATE %s LC_CTYPE %s"
)
DROP_SCRATCH_DATABASE = f"DROP DATABASE IF EXISTS {SCRATCH_DATABASE} WITH (FORCE)"


def run_manage(*arguments: str, environment: dict[str, str]) -> str:
    """The output of a command of manage.py with other settings."""
    return run_program(
        [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments], environment
    )


@contextmanager
def scratch_site(folder: Path) -> Iterator[dict[str, str]]:
    """The settings of an empty site in the folder, with an empty database of the same kind."""
    media = {"MEDIA_ROOT": str(folder / "media")}
    if connection.vendor == "sqlite":
        yield media | {"DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}"}
        return
    with closing(connections["default"].copy()) as server, server.cursor() as cursor:
        try:
            cursor.execute(DROP_SCRATCH_DATABASE)
            cursor.execute(LOCALE)
            cursor.execute(CREATE_SCRATCH_DATABASE, cursor.fetchone())
            address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{SCRATCH_DATABASE}")
            yield media | {"DATABASE_URL": address.geturl()}
        finally:
            cursor.execute(DROP_SCRATCH_DATABASE)


def read_version() -> int | None:
    with closing(VersionReader()) as reader:
        return reader.read()


def prove(archive: Path, folder: Path, version: int | None) -> str:
    """Restore the archive and compare all public pages; return the result as a sentence.

    Raises CommandError if a page of the restored copy fails, or if pages differ although no record
    has changed since the backup. Also names pages that are missing in both, such as a document
    without its file. `version` is the data version of the backup.
    """
    with scratch_site(folder) as scratch:
        run_manage("restore", str(archive), "--yes", environment=scratch)
        restored = json.loads(run_manage(*DIGESTS, environment=scratch))
    if failed := [page for page, digest in restored.items() if digest.startswith("5")]:
        number = f"{len(failed)} of {len(restored)}"
        raise CommandError(f"{number} pages of the restored copy fail, such as {failed[0]}")
    live = json.loads(run_manage(*DIGESTS, environment={}))
    different = [page for page in live.keys() | restored if live.get(page) != restored.get(page)]
    missing = [page for page in live if live[page].startswith("404") and page not in different]
    note = f" Missing in both ({len(missing)}): {', '.join(missing[:5])}." if missing else ""
    if not different:
        return f"Proved: the restored copy shows the same {len(live)} public pages.{note}"
    if read_version() == version:
        pages = ", ".join(sorted(different)[:5])
        number = f"{len(different)} of {len(live)}"
        raise CommandError(f"{number} pages of the restored copy differ, such as {pages}")
    return (
        f"Restored. {len(different)} of {len(live)} public pages differ, "
        f"because records have changed since the backup.{note}"
    )
