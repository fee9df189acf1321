"""The whole data set as files: the package, its archive, and dated versions."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from fcntl import LOCK_EX, LOCK_NB, flock
from hashlib import sha256
from pathlib import Path
from secrets import randbits
from shutil import copyfile, copyfileobj
from tempfile import TemporaryDirectory
from typing import IO, Any, NamedTuple
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from django.conf import settings
from django.db.models import Max, Q
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone
from django.utils.translation import gettext as _

from projects.models import Call, Decision, Document, Project
from projects.models.publication import is_public, public_since
from projects.open_data.table_rows import PACKAGE_TABLES, WITHDRAWN
from psf.caching.data_version import DataVersion
from psf.caching.values import at_each_version
from psf.exports.files import DataTable, csv_writer, flat_rows, json_text, safe_row, xlsx_file
from psf.exports.responses import data_state
from psf.exports.tables import FieldKind, PublicField, PublicTable, Record
from psf.files import store
from psf.public_changes.change_log import load_log, newest_change

# Another program and other settings give other answers, with the same data too.
PROGRAM = [
    path
    for app in ["partners", "projects", "psf"]
    for path in sorted((settings.BASE_DIR / app).rglob("*"))
    if path.suffix in [".py", ".toml"]
]
SETTINGS = [settings.SITE_URL, settings.GRANTS360_PREFIX, str(settings.DATA_LICENCE)]
EDITION = sha256(
    b"".join(path.read_bytes() for path in PROGRAM) + " ".join(SETTINGS).encode()
).hexdigest()
KEPT = 2  # archives


def current_archive(*, waits: bool) -> Path:
    """The archive of the present data. All processes together build one at a time.

    While another one is built, wait for it or raise `BlockingIOError`.
    """
    folder = Path(settings.VAR_DIR) / "open-data"
    key = data_state(EDITION)
    path = folder / f"psf-{key}.zip"
    if key is not None and path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        flock(descriptor, LOCK_EX if waits else LOCK_EX | LOCK_NB)  # ends with the process too
        if key is None or not path.exists():
            _build(folder, path)
    finally:
        os.close(descriptor)
    return path


def _build(folder: Path, path: Path) -> None:
    # On the same disk. It disappears with everything unfinished in it.
    with TemporaryDirectory(dir=folder, prefix="unfinished-") as name:
        unfinished = Path(name)
        write_package(unfinished / "tables")
        write_zip(unfinished / "tables", unfinished / "psf.zip")
        os.replace(unfinished / "psf.zip", path)
    # A reader may still open the archive before this one.
    archives = sorted(folder.glob("psf-*.zip"), key=lambda file: file.stat().st_mtime)
    for file in archives[:-KEPT]:
        file.unlink(missing_ok=True)


FILE_DATE = (1980, 1, 1, 0, 0, 0)  # of each file in the archive
DESCRIPTION_FILE = "datapackage.json"
DOCUMENTS_FOLDER = "documents"
SUMS_FILE = "SHA256SUMS"  # for sha256sum -c
FIRST_CALL = datetime(2013, 1, 1, tzinfo=UTC)  # a data set without records is not older
Row = list[Any]
SPECIFICATION = "https://specs.frictionlessdata.io/data-package/"
TYPES: dict[FieldKind, Mapping[str, Any]] = {
    FieldKind.NUMBER: {"type": "integer"},
    FieldKind.AMOUNT: {"type": "number"},
    FieldKind.DAY: {"type": "date"},
    FieldKind.MOMENT: {"type": "datetime", "format": "%Y-%m-%d %H:%M:%S"},
    FieldKind.YES_NO: {"type": "boolean", "trueValues": ["yes"], "falseValues": ["no"]},
}


def write_package(folder: Path) -> str:
    """Write all tables into a folder, and return the version of the data.

    The same data give the same bytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    names = [name for table in PACKAGE_TABLES for name in _write_table(folder, table)]
    sums = {name: store.sha256_of(folder / name) for name in names}
    version = sha256(json_text(sums).encode()).hexdigest()[:12]
    description = describe_package(version, sums)
    (folder / DESCRIPTION_FILE).write_text(json_text(description, indent=2), encoding="utf-8")
    sums[DESCRIPTION_FILE] = store.sha256_of(folder / DESCRIPTION_FILE)
    lines = [f"{digest}  {name}\n" for name, digest in sorted(sums.items())]
    (folder / SUMS_FILE).write_text("".join(lines), encoding="utf-8")
    return version


def _write_table(folder: Path, table: PublicTable) -> list[str]:
    """Write a table in each format, and return the names of the files.

    The records are made once: each passes through the writers of JSON and CSV to the workbook.
    """
    names = [f"{table.name}.{suffix}" for suffix in ["csv", "json", "xlsx"]]
    heads = [field.heading for field in table.fields]
    with (
        (folder / names[0]).open("w", encoding="utf-8", newline="") as csv_file,
        (folder / names[1]).open("w", encoding="utf-8") as json_file,
        (folder / names[2]).open("wb") as target,
    ):
        records = _copy_to_json(json_file, table.name, table.all_records())
        rows = _copy_to_csv(csv_file, heads, flat_rows(records, table.fields))
        with xlsx_file([DataTable(table.name, heads, rows)]) as book:
            copyfileobj(book, target)
    return names


def _copy_to_csv(file: IO[str], heads: list[str], rows: Iterable[Row]) -> Iterator[Row]:
    """Yield the rows, and write them to a CSV file."""
    writer = csv_writer(file, heads)
    for row in rows:
        writer.writerow(safe_row(row))
        yield row


def _copy_to_json(file: IO[str], name: str, records: Iterable[Record]) -> Iterator[Record]:
    """Yield the records, and write them to a JSON file, one a line."""
    file.write(f'{{"table": {json_text(name)}, "rows": [')
    between = "\n"
    for record in records:
        file.write(f"{between}{json_text(record)}")
        between = ",\n"
        yield record
    file.write("\n]}\n")


def copy_documents(folder: Path) -> int:
    """Copy the published documents beside the tables, and return their number.

    Each document has its own licence, so the archive of the tables has no documents.
    """
    (folder / DOCUMENTS_FOLDER).mkdir(exist_ok=True)
    documents: list[Document] = list(Document.objects.public())
    for document in documents:
        target = folder / DOCUMENTS_FOLDER / f"{document.pk}.{document.extension}"
        copyfile(store.path_of(document.stored_name), target)
    return len(documents)


@at_each_version
def last_change_of_data() -> datetime | None:
    """When readers last saw a change, a publication or a withdrawal; None if there was none."""
    changed = Greatest(Coalesce("changed_at", "published_at"), public_since())
    is_public_call = Q(published_at__lte=timezone.now())
    is_announced = is_public_call & Q(decision__published_at__lte=timezone.now())
    of_calls = Call.objects.aggregate(
        published=Max("published_at", filter=is_public_call),
        withdrawn=Max("unpublished_at"),
        announced=Max("decision__published_at", filter=is_announced),
        denied=Max("decision__unpublished_at"),
    )
    of_projects = Project.objects.aggregate(
        changed=Max(changed, filter=is_public()), withdrawn=Max("unpublished_at")
    )
    moments = [*of_calls.values(), *of_projects.values(), newest_change()]
    return max(filter(None, moments), default=None)


def describe_package(version: str, sums: Mapping[str, str]) -> dict[str, Any]:
    """The description of the data set as a data package of Frictionless."""
    licence = settings.DATA_LICENCE
    return {
        "profile": "data-package",
        "name": "psf",
        "title": "Projects of the CBSS Project Support Facility",
        "homepage": f"{settings.SITE_URL}/data/",
        "specification": SPECIFICATION,
        "version": version,
        "created": (last_change_of_data() or FIRST_CALL).replace(microsecond=0),
        **({"licenses": [{"title": licence.name, "path": licence.url}]} if licence else {}),
        "contributors": [{"title": "Council of the Baltic Sea States", "role": "publisher"}],
        "resources": [_resource(table, sums) for table in PACKAGE_TABLES],
    }


def _resource(table: PublicTable, sums: Mapping[str, str]) -> dict[str, Any]:
    name = f"{table.name}.csv"
    return {
        "profile": "tabular-data-resource",
        "name": table.name,
        "title": table.title,
        "description": table.meaning,
        "path": name,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8-sig",
        "hash": f"sha256:{sums[name]}",
        "alternatives": [f"{table.name}.json", f"{table.name}.xlsx"],
        "schema": {"fields": [_schema_field(field) for field in table.fields]},
    }


def _schema_field(field: PublicField) -> dict[str, Any]:
    """The field under the heading of its column; `key` is its name in JSON."""
    described = {
        "name": field.heading,
        "key": field.key,
        "description": field.meaning,
        **TYPES.get(field.kind, {"type": "string"}),
    }
    more = {"unit": field.unit, "blank": field.blank, "since": field.since}
    return described | {name: text for name, text in more.items() if text}


def write_zip(folder: Path, target: Path) -> None:
    """Write the tables in a folder into a ZIP archive. The same tables give the same bytes."""
    with ZipFile(target, "w") as archive:
        for path in sorted(path for path in folder.iterdir() if path.is_file()):
            entry = ZipInfo(path.name, FILE_DATE)
            # A workbook is an archive already.
            entry.compress_type = ZIP_STORED if path.suffix == ".xlsx" else ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            with path.open("rb") as source, archive.open(entry, "w") as part:
                copyfileobj(source, part)


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
    texts = [path.read_text(encoding="utf-8") for path in _folder().glob("*/*.json")]
    if not texts:
        return []
    withdrawn = {f"{row['kind']} {row['slug']}" for row in WITHDRAWN.all_records()}
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
    """The names of records that the table of withdrawn pages can have later."""
    for kind, slugs in {
        "call": Call.objects.public().values_list("slug", flat=True),
        "results": Decision.objects.public().values_list("call__slug", flat=True),
        "project": Project.objects.public().values_list("slug", flat=True),
    }.items():
        yield from (f"{kind} {slug}" for slug in slugs.order_by())
