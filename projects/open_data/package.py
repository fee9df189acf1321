"""The whole data set as files: JSON, CSV and XLSX, their description and their check sums."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from shutil import copyfile, copyfileobj
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from django.conf import settings
from django.db.models import Max

from projects.models import Call, Document, Project
from projects.open_data.tables import PACKAGE_TABLES, PackageTable
from psf.exports.csv_file import csv_writer, safe_row
from psf.exports.fields import FieldKind, PublicField, Record
from psf.exports.flat_rows import flat_rows
from psf.exports.json_text import json_text
from psf.exports.xlsx_file import Sheet, xlsx_file
from psf.files import store

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


def _write_table(folder: Path, table: PackageTable) -> list[str]:
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
        records = _copy_to_json(json_file, table.name, table.records())
        rows = _copy_to_csv(csv_file, heads, flat_rows(records, table.fields))
        with xlsx_file([Sheet(table.name, heads, rows)]) as book:
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


def last_change() -> datetime | None:
    """The moment of the last public change of a call or project; None if nothing is public."""
    changed = Project.objects.public().aggregate(at=Max("changed_at"))["at"]
    published = Call.objects.public().aggregate(at=Max("published_at"))["at"]
    return max(filter(None, [changed, published]), default=None)


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
        "created": (last_change() or FIRST_CALL).replace(microsecond=0),
        **({"licenses": [{"title": licence.name, "path": licence.url}]} if licence else {}),
        "contributors": [{"title": "Council of the Baltic Sea States", "role": "publisher"}],
        "resources": [_resource(table, sums) for table in PACKAGE_TABLES],
    }


def _resource(table: PackageTable, sums: Mapping[str, str]) -> dict[str, Any]:
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
