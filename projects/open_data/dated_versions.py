"""Dated versions of the whole data set, in a folder of the uploaded files, so backups have them.

A version never changes. It is not offered while a record in it is withdrawn.
"""

import json
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from secrets import randbits
from shutil import copyfileobj
from typing import Any, NamedTuple

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from projects.models import Call, Decision, Project
from projects.open_data.archive_cache import current_archive
from projects.open_data.tables import withdrawn_records
from psf.caching.models import DataVersion
from psf.exports.json_text import json_text
from psf.files import store
from psf.public_changes.record_changes import load_log


class DatedVersion(NamedTuple):
    """A version: its moment, its archive, and what happened in public since the version before.

    `records` are the kinds and addresses of the calls, results and projects in the version.
    """

    at: datetime
    size: int
    sha256: str
    changes: list[str]
    records: list[str]
    is_withheld: bool = False

    def day(self) -> date:
        return timezone.localdate(self.at)

    def name(self) -> str:
        return f"psf-{self.day()}.zip"

    def path(self) -> Path:
        # Deeper than uploaded files, so nothing looks for the row of this file.
        return _folder() / str(self.day().year) / self.name()


def _folder() -> Path:
    return Path(settings.MEDIA_ROOT) / "data-versions"


def dated_versions() -> list[DatedVersion]:
    """All versions, the newest first."""
    withdrawn = {f"{row['kind']} {row['slug']}" for row in withdrawn_records()}
    texts = [path.read_text(encoding="utf-8") for path in _folder().glob("*/*.json")]
    rows: list[dict[str, Any]] = [json.loads(text) for text in texts]
    versions = [
        DatedVersion(
            **row | {"at": datetime.fromisoformat(row["at"])},
            is_withheld=not withdrawn.isdisjoint(row["records"]),
        )
        for row in rows
    ]
    return sorted(versions, key=lambda version: version.at, reverse=True)


def keep_version() -> DatedVersion | None:
    """Keep the present data as the version of today; None if they have a version already.

    A day has one version. Later changes of the day are in the version of a later day.
    """
    at, records = timezone.now(), {*_public_records()}
    archive = current_archive(waits=True)
    before, sha256 = next(iter(dated_versions()), None), store.sha256_of(archive)
    if before and (before.sha256 == sha256 or before.day() == timezone.localdate(at)):
        return None
    # A record that is withdrawn or published during the work can be in the archive.
    records.update(_public_records())
    changes, size = [*_changes_since(before)], archive.stat().st_size
    version = DatedVersion(at, size, sha256, changes, sorted(records))
    with store.new_file(version.path()) as file, archive.open("rb") as source:
        copyfileobj(source, file)
    row = version._asdict()
    del row["is_withheld"]
    # The list names a version only when its archive is complete.
    with store.new_file(version.path().with_suffix(".json")) as file:
        file.write(json_text(row).encode())
    DataVersion.objects.update(value=randbits(62))  # the data page has a new line
    return version


def _changes_since(before: DatedVersion | None) -> Iterator[str]:
    """The public events after a version in words, the newest first."""
    if before is None:
        yield _("The first version.")
        return
    events = [event for event in load_log() if event.at > before.at]
    if not events:
        yield _("No public event: a list of countries, a name or the program changed.")
    for event in events:
        yield f"{event.title}. {event.text}".strip()


def _public_records() -> Iterator[str]:
    """The names of records that `withdrawn_records()` can have later."""
    for kind, slugs in {
        "call": Call.objects.public().values_list("slug", flat=True),
        "results": Decision.objects.public().values_list("call__slug", flat=True),
        "project": Project.objects.public().values_list("slug", flat=True),
    }.items():
        yield from (f"{kind} {slug}" for slug in slugs.order_by())
