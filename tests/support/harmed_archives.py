"""Archives of backups that are damaged, cut, foreign or hostile, each made from a whole one."""

import gzip
import hashlib
import io
import json
import sqlite3
import tarfile
import zipfile
from collections.abc import Callable
from tempfile import NamedTemporaryFile

Parts = dict[str, bytes]
UPLOAD = "media/aa/upload"


def unpacked(archive: bytes) -> Parts:
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        return {member.name: tar.extractfile(member).read() for member in tar}


def packed(parts: Parts, *special: tarfile.TarInfo) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as tar:
        for name, content in parts.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
        for info in special:
            tar.addfile(info)
    return file.getvalue()


def with_parts(change: Callable[[Parts], object]) -> Callable[[bytes], bytes]:
    """Change the files of the archive and nothing else."""

    def harm(archive: bytes) -> bytes:
        parts = unpacked(archive)
        change(parts)
        return packed(parts)

    return harm


def with_manifest(**values: object) -> Callable[[bytes], bytes]:
    def harm(archive: bytes) -> bytes:
        parts = unpacked(archive)
        manifest = json.loads(parts["manifest.json"]) | values
        kept = {name: value for name, value in manifest.items() if value is not None}
        return packed(parts | {"manifest.json": json.dumps(kept).encode()})

    return harm


def with_copy(
    change: Callable[[bytes], bytes], name: str = "", **values: object
) -> Callable[[bytes], bytes]:
    """Replace the copy of the database, with the right check sums."""

    def harm(archive: bytes) -> bytes:
        parts = unpacked(archive)
        manifest = json.loads(parts.pop("manifest.json"))
        present = next(part for part in parts if part.startswith("database."))
        parts[name or present] = change(parts.pop(present))
        sums = {part: hashlib.sha256(data).hexdigest() for part, data in parts.items()}
        manifest |= values | {"sha256": sums}
        return packed(parts | {"manifest.json": json.dumps(manifest).encode()})

    return harm


def with_special(name: str, **values: object) -> Callable[[bytes], bytes]:
    def harm(archive: bytes) -> bytes:
        info = tarfile.TarInfo(name)
        for key, value in values.items():
            setattr(info, key, value)
        return packed(unpacked(archive), info)

    return harm


def sqlite_copy(*statements: str, **rows: int) -> Callable[[bytes], bytes]:
    """A sound copy of another SQLite database."""
    with NamedTemporaryFile() as file:
        database = sqlite3.connect(file.name)
        for statement in statements:
            database.execute(statement)
        database.commit()
        database.close()
        content = file.read()
    return with_copy(lambda copy: content, "database.sqlite3", database="sqlite", rows=rows)


def wrong_numbers(archive: bytes) -> bytes:
    rows = json.loads(unpacked(archive)["manifest.json"])["rows"]
    return with_manifest(rows=rows | {"projects_call": rows["projects_call"] + 1})(archive)


def zip_file(archive: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as parts:
        parts.writestr("psf.tar", archive)
    return file.getvalue()


def damaged_stream(archive: bytes) -> bytes:
    return archive[:100] + bytes(byte ^ 255 for byte in archive[100:160]) + archive[160:]


def twice(archive: bytes) -> bytes:
    plain = gzip.decompress(packed({UPLOAD: b"another"}))
    return gzip.compress(plain[:1024] + gzip.decompress(archive))


MIGRATIONS = "CREATE TABLE django_migrations (app, name)"
NEWER = "INSERT INTO django_migrations VALUES ('psf', '0001_initial'), ('psf', '9999_later')"

# What is wrong: how to make it, and words of the sentence that refuses it.
HARMED: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "an empty file": (lambda archive: b"", "is not a complete backup"),
    "a ZIP file": (zip_file, "is not a complete backup"),
    "a packed text": (lambda archive: gzip.compress(b"no archive" * 99), "not a complete backup"),
    "an archive of nothing": (lambda archive: packed({}), "not a complete backup"),
    "the first half": (lambda archive: archive[: len(archive) // 2], "not a complete backup"),
    "a damaged stream": (damaged_stream, "not a complete backup"),
    "a manifest is missing": (
        with_parts(lambda parts: parts.pop("manifest.json")),
        "not a complete backup",
    ),
    "a manifest of binary data": (
        with_parts(lambda parts: parts.update({"manifest.json": b"\xff\xfe"})),
        "not a complete backup",
    ),
    "a manifest that is a list": (
        with_parts(lambda parts: parts.update({"manifest.json": b"[]"})),
        "of another kind",
    ),
    "a manifest that is nested deeply": (
        with_parts(lambda parts: parts.update({"manifest.json": b"[" * 100_000})),
        "not a complete backup",
    ),
    "a manifest without rows": (with_manifest(rows=None), "of another kind"),
    "check sums that are a list": (with_manifest(sha256=[]), "of another kind"),
    "another kind of database": (with_manifest(database="oracle"), "no copy of a database"),
    "other numbers of rows": (wrong_numbers, "other numbers of rows: projects_call"),
    "a changed upload": (
        with_parts(lambda parts: parts.update({UPLOAD: b"changed"})),
        f"is damaged: {UPLOAD}",
    ),
    "an upload is missing": (
        with_parts(lambda parts: parts.pop(UPLOAD)),
        f"is damaged: {UPLOAD}",
    ),
    "an extra file": (
        with_parts(lambda parts: parts.update({"media/extra": b"x"})),
        "is damaged: media/extra",
    ),
    "a file twice": (twice, f"“{UPLOAD}” is not a file of a backup"),
    "a file in the place of a folder": (
        with_parts(lambda parts: parts.update({f"{UPLOAD}/below": b"x"})),
        "not a complete backup",
    ),
    "a file outside": (
        with_parts(lambda parts: parts.update({"../outside": b"x"})),
        "“../outside” is not a file of a backup",
    ),
    "a link": (
        with_special("link", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
        "“link” is not a file of a backup",
    ),
    "no copy of the database": (
        with_copy(lambda copy: copy, "database.txt"),
        "no copy of a database",
    ),
    "half a copy of the database": (with_copy(lambda copy: copy[: len(copy) // 2]), ""),
    "a copy that is no database": (with_copy(lambda copy: b"no database" * 999), ""),
    "a dump of another server": (
        with_copy(lambda copy: b"PGDMP" * 99, "database.dump", database="postgresql"),
        "",
    ),
    "an empty database": (sqlite_copy(), "of another application"),
    "a database of another application": (
        sqlite_copy("CREATE TABLE fish (name)", fish=0),
        "of another application",
    ),
    "a newer version": (
        sqlite_copy(MIGRATIONS, NEWER, django_migrations=2),
        "newer version of the application: upgrade first.",
    ),
}
