"""Uploaded files: what is taken is told by what is in it; what is kept is whole."""

import io
import struct
import zipfile

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from psf.files import store
from psf.files.types import MOST_BYTES, extension_of

PDF, PNG, JPEG = b"%PDF-1.7\n", b"\x89PNG\r\n\x1a\n0", b"\xff\xd8\xff\xe0"
OLD_WORD, PROGRAM = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"MZ\x90\x00"
TEXT_TYPE = "application/vnd.oasis.opendocument.text"


def archive(*names, stored=(), **contents):
    """A ZIP archive with parts of these names; `stored` are the first ones, unpacked."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as parts:
        for name, content in stored:
            parts.writestr(name, content, zipfile.ZIP_STORED)
        for name in names:
            parts.writestr(name, contents.get("content", "x"))
    return made.getvalue()


def open_document(content_type, *names):
    return archive(*names, stored=[("mimetype", content_type)])


DOCX = archive("[Content_Types].xml", "word/document.xml")
XLSX = archive("[Content_Types].xml", "xl/workbook.xml")
ODT = open_document(TEXT_TYPE, "content.xml")
ODS = open_document("application/vnd.oasis.opendocument.spreadsheet", "content.xml")


def claims_to_be_huge():
    """An archive whose directory says that a part has 4 GB."""
    data = bytearray(DOCX)
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 0xFFFFFFFE)
    return bytes(data)


def upload(name, content):
    return SimpleUploadedFile(name, content)


@pytest.mark.parametrize(
    ("name", "content", "extension"),
    [
        ("a.pdf", PDF, "pdf"),
        ("A.PDF", PDF, "pdf"),
        ("a.exe.pdf", PDF, "pdf"),
        ("a.png", PNG, "png"),
        ("a.jpg", JPEG, "jpg"),
        ("a.JPEG", JPEG, "jpg"),
        ("a.docx", DOCX, "docx"),
        ("a.xlsx", XLSX, "xlsx"),
        ("a.odt", ODT, "odt"),
        ("a.ods", ODS, "ods"),
        ("a.txt", "Rīga\r\n\tŁódź\f".encode(), "txt"),
        ("a.csv", "\ufeffa;b\n".encode(), "csv"),
        ("a.txt", b"", "txt"),
        ("a.txt", b"<script>alert(1)</script>", "txt"),
    ],
)
def test_what_is_what_it_says_is_taken(name, content, extension):
    assert extension_of(upload(name, content)) == extension


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.exe", PROGRAM, "This kind of file is not taken"),
        ("a.pdf.exe", PDF, "This kind of file is not taken"),
        ("a.html", b"<script>", "This kind of file is not taken"),
        ("a.svg", b"<svg>", "This kind of file is not taken"),
        ("a.docm", DOCX, "This kind of file is not taken"),
        ("a.zip", DOCX, "This kind of file is not taken"),
        ("pdf", PDF, "This kind of file is not taken"),
        (".pdf", PDF, "This kind of file is not taken"),
        ("a.pdf", b"", "not what its name says"),
        ("a.pdf", b"<script>alert(1)</script>", "not what its name says"),
        ("a.pdf", PROGRAM, "not what its name says"),
        ("a.pdf", b" %PDF-1.7", "not what its name says"),
        ("a.png", JPEG, "not what its name says"),
        ("a.jpg", b"GIF89a", "not what its name says"),
        ("a.docx", OLD_WORD, "not what its name says"),
        ("a.docx", XLSX, "not what its name says"),
        ("a.docx", DOCX[:-10], "not what its name says"),
        ("a.docx", archive("x"), "not what its name says"),
        ("a.docx", archive(), "not what its name says"),
        ("a.odt", archive(), "not what its name says"),
        ("a.odt", ODS, "not what its name says"),
        ("a.odt", open_document(f"{TEXT_TYPE}-template"), "not what its name says"),
        ("a.odt", archive("content.xml", "mimetype", content=TEXT_TYPE), "not what its name"),
        ("a.odt", archive("mimetype", content=TEXT_TYPE), "not what its name says"),
        (
            "a.docx",
            archive("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
            "holds macros",
        ),
        ("a.odt", open_document(TEXT_TYPE, "Basic/script-lc.xml"), "holds macros"),
        ("a.docx", claims_to_be_huge(), "too large"),
        ("a.txt", b"a\x00b", "characters that no text has"),
        ("a.csv", b"\x1b[2J", "characters that no text has"),
        ("a.txt", "Rīga".encode("cp1257"), "not UTF-8"),
        ("a.csv", PNG, "not UTF-8"),
        ("a.pdf", PDF.ljust(MOST_BYTES + 1), "more than 10 MB"),
    ],
)
def test_what_is_not_is_refused_in_words(name, content, words):
    with pytest.raises(ValidationError) as refusal:
        extension_of(upload(name, content))
    assert words in refusal.value.message


def test_a_file_of_the_greatest_size_is_taken():
    assert extension_of(upload("a.pdf", PDF.ljust(MOST_BYTES))) == "pdf"


class TestStore:
    @pytest.fixture(autouse=True)
    def folder(self, settings, tmp_path):
        settings.MEDIA_ROOT = tmp_path / "media"
        return settings.MEDIA_ROOT

    def test_a_file_is_kept_for_its_owner_alone_under_a_name_that_tells_nothing(self, folder):
        stored = store.keep([b"one ", b"two"], "txt")
        path = store.path_of(stored.name)
        assert path.read_bytes() == b"one two"
        assert (stored.size, stored.sha256) == (7, store.sha256_of(path))
        assert len(stored.name) == 36
        assert path.stat().st_mode & 0o777 == 0o600
        assert {part.stat().st_mode & 0o777 for part in [folder, path.parent]} == {0o700}
        assert list(store.all_files()) == [path]

    def test_what_is_interrupted_is_never_taken_for_a_file(self):
        def breaks_off():
            yield b"half"
            raise OSError

        with pytest.raises(OSError):
            store.keep(breaks_off(), "pdf")
        (left,) = store.all_files()
        assert left.name.endswith(".pdf.part")

    def test_without_a_folder_there_are_no_files(self):
        assert list(store.all_files()) == []
