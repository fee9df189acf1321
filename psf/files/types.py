"""Accepted file types, recognised by the content of a file and never by what the sender says."""

import re
import zipfile
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path, PurePath
from typing import IO, NamedTuple

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

MEGABYTE = 1_000_000
MAX_BYTES = 10 * MEGABYTE
MAX_UNPACKED_BYTES = 200 * MEGABYTE  # of the parts of a document
MAX_PARTS = 10_000  # of a document
MAX_TEXT_BYTES = 20 * MEGABYTE  # of a part that is searched
DIRECTORY_ENTRY = b"PK\x01\x02"  # the beginning of each entry in the directory of an archive

MACROS = ("vbaproject.bin", "basic/", "scripts/")
# The only control characters that a text may contain.
ALLOWED_CONTROLS = "\t\n\r\f"


# Returns one sentence about a file, or "" if nothing is wrong.
FileCheck = Callable[[IO[bytes]], str]


class FileType(NamedTuple):
    """An accepted file type: the content type for downloads and the check of the content."""

    content_type: str
    content_error: FileCheck


def _starts_with(*signatures: bytes) -> FileCheck:
    def content_error(file: IO[bytes]) -> str:
        return "" if file.read(16).startswith(signatures) else _mismatch()

    return content_error


def _mismatch() -> str:
    return _("The content of the file does not match its name, or the file is damaged.")


def _office(part: str) -> FileCheck:
    """Check for a Word or Excel file: a ZIP archive that contains `part`."""

    def matches(archive: zipfile.ZipFile) -> bool:
        return {"[Content_Types].xml", part} <= set(archive.namelist())

    return lambda file: _archive_error(file, matches)


def _open_document(content_type: str) -> FileCheck:
    """Check for a LibreOffice file: a ZIP archive whose first entry is the content type."""

    def matches(archive: zipfile.ZipFile) -> bool:
        first = archive.infolist()[0]
        if first.filename != "mimetype" or first.compress_type != zipfile.ZIP_STORED:
            return False
        with archive.open(first) as part:
            return part.read(len(content_type) + 1) == content_type.encode()

    return lambda file: _archive_error(file, matches)


def _archive_error(file: IO[bytes], matches: Callable[[zipfile.ZipFile], bool]) -> str:
    """Check the directory of an archive. Nothing is unpacked.

    The parts are counted first, because Python would load an entry for each.
    """
    if file.read().count(DIRECTORY_ENTRY) > MAX_PARTS:
        return _("The file has too many parts.")
    try:
        with zipfile.ZipFile(file) as archive:
            if not matches(archive):
                return _mismatch()
            names = [name.lower() for name in archive.namelist()]
            unpacked = sum(part.file_size for part in archive.infolist())
    except Exception:  # a damaged archive can raise nearly any exception
        return _mismatch()
    if any(name.startswith(MACROS) or name.endswith(MACROS) for name in names):
        return _("The file contains macros. Save it without macros.")
    if unpacked > MAX_UNPACKED_BYTES:
        return _("The unpacked content of the file is too large.")
    return ""


def _text_error(file: IO[bytes]) -> str:
    try:
        text = file.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        return _("The text is not encoded as UTF-8. Save the file as UTF-8.")
    if not text.strip():
        return _("The file is empty. Choose another file.")
    if any(char < " " and char not in ALLOWED_CONTROLS for char in text):
        return _("The file contains characters that are not allowed in a text.")
    return ""


_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."
FILE_TYPES = {
    "pdf": FileType("application/pdf", _starts_with(b"%PDF-")),
    "docx": FileType(f"{_OFFICE}wordprocessingml.document", _office("word/document.xml")),
    "xlsx": FileType(f"{_OFFICE}spreadsheetml.sheet", _office("xl/workbook.xml")),
    "odt": FileType(f"{_OPEN}text", _open_document(f"{_OPEN}text")),
    "ods": FileType(f"{_OPEN}spreadsheet", _open_document(f"{_OPEN}spreadsheet")),
    "png": FileType("image/png", _starts_with(b"\x89PNG\r\n\x1a\n")),
    "jpg": FileType("image/jpeg", _starts_with(b"\xff\xd8\xff")),
    "txt": FileType("text/plain; charset=utf-8", _text_error),
    "csv": FileType("text/csv; charset=utf-8", _text_error),
}
# The type of pictures for readers. No upload has it: `picture_of()` makes each of them.
PICTURE = "webp"
CONTENT_TYPES = {name: kind.content_type for name, kind in FILE_TYPES.items()}
CONTENT_TYPES[PICTURE] = "image/webp"
TYPE_NAMES = ", ".join(FILE_TYPES).upper()
EXTENSION_ALIASES = {"jpeg": "jpg"}
ACCEPT = ",".join(f".{extension}" for extension in [*FILE_TYPES, *EXTENSION_ALIASES])


def extension_of(file: UploadedFile) -> str:
    """Return the extension of an uploaded file, such as "pdf", after checking the content.

    Raises `ValidationError` with a sentence.
    """
    extension = PurePath(file.name or "").suffix.lower().removeprefix(".")
    extension = EXTENSION_ALIASES.get(extension, extension)
    if extension not in FILE_TYPES:
        sentence = _("This file type is not accepted. Accepted types: %(accepted)s.")
        raise ValidationError(sentence % {"accepted": TYPE_NAMES})
    if (file.size or 0) > MAX_BYTES:
        megabytes = MAX_BYTES // MEGABYTE
        raise ValidationError(_("The file is larger than %(most)d MB.") % {"most": megabytes})
    file.seek(0)
    if error := FILE_TYPES[extension].content_error(file):
        raise ValidationError(error)
    return extension


def texts_in(path: Path) -> Iterator[str]:
    """The texts of a stored Word, Excel, LibreOffice or text file, by part.

    None of a PDF and a picture, of a missing or damaged file, nor of a very large part.
    """
    try:
        if path.suffix in [".txt", ".csv"]:
            yield path.read_text("utf-8-sig")
        else:
            with zipfile.ZipFile(path) as archive:
                for part in archive.infolist():
                    if part.filename.endswith(".xml") and part.file_size <= MAX_TEXT_BYTES:
                        yield unescape(re.sub(r"<[^>]*>", "", archive.read(part).decode()))
    except Exception:  # no archive, or a damaged one, which can raise nearly any exception
        return
