"""Which kinds of file are taken: told by what is in them, never by what the sender says."""

import zipfile
from collections.abc import Callable
from pathlib import PurePath
from typing import IO, Any, NamedTuple

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

MEGABYTE = 1_000_000
MOST_BYTES = 10 * MEGABYTE
MOST_UNPACKED = 200 * MEGABYTE
MACROS = ("vbaproject.bin", "basic/", "scripts/")
# Text may hold these and no other control character.
WHITE = "\t\n\r\f"


class Kind(NamedTuple):
    """A kind of file: as what it is sent, and whether a file is one ("" if so, or why not)."""

    content_type: str
    why_not: Callable[[IO[bytes]], str]


def _begins_with(*beginnings: bytes) -> Callable[[IO[bytes]], str]:
    def why_not(file: IO[bytes]) -> str:
        return "" if file.read(16).startswith(beginnings) else _not_what_it_says()

    return why_not


def _not_what_it_says() -> str:
    return _("The file is not what its name says, or it is damaged.")


def _office(part: str) -> Callable[[IO[bytes]], str]:
    """A file of Word or Excel: a ZIP archive with that part."""

    def is_one(archive: zipfile.ZipFile) -> bool:
        return {"[Content_Types].xml", part} <= set(archive.namelist())

    return lambda file: _archive(file, is_one)


def _open_document(content_type: str) -> Callable[[IO[bytes]], str]:
    """A file of LibreOffice: a ZIP archive that begins by saying what it is."""

    def is_one(archive: zipfile.ZipFile) -> bool:
        first = archive.infolist()[0]
        if first.filename != "mimetype" or first.compress_type != zipfile.ZIP_STORED:
            return False
        with archive.open(first) as part:
            return part.read(len(content_type) + 1) == content_type.encode()

    return lambda file: _archive(file, is_one)


def _archive(file: IO[bytes], is_one: Callable[[zipfile.ZipFile], bool]) -> str:
    """Nothing is unpacked: the directory of the archive says what is in it."""
    try:
        with zipfile.ZipFile(file) as archive:
            if not is_one(archive):
                return _not_what_it_says()
            names = [name.lower() for name in archive.namelist()]
            unpacked = sum(part.file_size for part in archive.infolist())
    except Exception:  # the library raises whatever a broken part leads to
        return _not_what_it_says()
    if any(name.startswith(MACROS) or name.endswith(MACROS) for name in names):
        return _("The file holds macros: save it without them.")
    if unpacked > MOST_UNPACKED:
        return _("Unpacked, the file is too large.")
    return ""


def _text(file: IO[bytes]) -> str:
    try:
        text = file.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        return _("The text is not UTF-8: save it so.")
    if any(char < " " and char not in WHITE for char in text):
        return _("The text holds characters that no text has.")
    return ""


_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."
KINDS = {
    "pdf": Kind("application/pdf", _begins_with(b"%PDF-")),
    "docx": Kind(f"{_OFFICE}wordprocessingml.document", _office("word/document.xml")),
    "xlsx": Kind(f"{_OFFICE}spreadsheetml.sheet", _office("xl/workbook.xml")),
    "odt": Kind(f"{_OPEN}text", _open_document(f"{_OPEN}text")),
    "ods": Kind(f"{_OPEN}spreadsheet", _open_document(f"{_OPEN}spreadsheet")),
    "png": Kind("image/png", _begins_with(b"\x89PNG\r\n\x1a\n")),
    "jpg": Kind("image/jpeg", _begins_with(b"\xff\xd8\xff")),
    "txt": Kind("text/plain; charset=utf-8", _text),
    "csv": Kind("text/csv; charset=utf-8", _text),
}
ALSO_CALLED = {"jpeg": "jpg"}
ACCEPT = ",".join(f".{extension}" for extension in [*KINDS, *ALSO_CALLED])


def extension_of(file: Any) -> str:
    """The kind of an uploaded file, once its content was found to be one.

    Raises `ValidationError` in words.
    """
    extension = PurePath(file.name or "").suffix.lower().removeprefix(".")
    extension = ALSO_CALLED.get(extension, extension)
    if extension not in KINDS:
        known = ", ".join(kind.upper() for kind in KINDS)
        raise ValidationError(
            _("This kind of file is not taken, only %(known)s.") % {"known": known}
        )
    if file.size > MOST_BYTES:
        most = MOST_BYTES // MEGABYTE
        raise ValidationError(_("The file has more than %(most)d MB.") % {"most": most})
    file.seek(0)
    if why_not := KINDS[extension].why_not(file):
        raise ValidationError(why_not)
    return extension
