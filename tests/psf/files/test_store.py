"""Uploaded files: the content decides the type, and stored files are complete."""

import io
import struct
import zipfile
import zlib

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from psf.files import store
from psf.files.pictures import picture_of
from psf.files.types import MAX_BYTES, MAX_PARTS, extension_of

PDF, PNG, JPEG = b"%PDF-1.7\n", b"\x89PNG\r\n\x1a\n0", b"\xff\xd8\xff\xe0"
OLD_WORD, PROGRAM = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"MZ\x90\x00"
TEXT_TYPE = "application/vnd.oasis.opendocument.text"


def archive(*names, stored=(), **contents):
    """Return a ZIP archive with entries of these names, after the uncompressed entries `stored`."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as parts:
        for name, content in stored:
            parts.writestr(name, content, zipfile.ZIP_STORED)
        for name in names:
            parts.writestr(name, contents.get("content", "x"))
    return file.getvalue()


def open_document(content_type, *names):
    return archive(*names, stored=[("mimetype", content_type)])


DOCX = archive("[Content_Types].xml", "word/document.xml")
XLSX = archive("[Content_Types].xml", "xl/workbook.xml")
ODT = open_document(TEXT_TYPE, "content.xml")
ODS = open_document("application/vnd.oasis.opendocument.spreadsheet", "content.xml")


def claims_to_be_huge():
    """Return an archive whose directory claims an entry of 4 GB."""
    data = bytearray(DOCX)
    start = data.rindex(b"PK\x01\x02")
    data[start + 24 : start + 28] = struct.pack("<I", 0xFFFFFFFE)
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
        ("a.txt", b"<script>alert(1)</script>", "txt"),
    ],
)
def test_file_with_matching_content_is_accepted(name, content, extension):
    assert extension_of(upload(name, content)) == extension


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.exe", PROGRAM, "This file type is not accepted"),
        ("a.pdf.exe", PDF, "This file type is not accepted"),
        ("a.html", b"<script>", "This file type is not accepted"),
        ("a.svg", b"<svg>", "This file type is not accepted"),
        ("a.docm", DOCX, "This file type is not accepted"),
        ("a.zip", DOCX, "This file type is not accepted"),
        ("pdf", PDF, "This file type is not accepted"),
        (".pdf", PDF, "This file type is not accepted"),
        ("a.pdf", b"", "does not match its name"),
        ("a.txt", b"", "The file is empty"),
        ("a.csv", b"\r\n", "The file is empty"),
        ("a.pdf", b"<script>alert(1)</script>", "does not match its name"),
        ("a.pdf", PROGRAM, "does not match its name"),
        ("a.pdf", b" %PDF-1.7", "does not match its name"),
        ("a.png", JPEG, "does not match its name"),
        ("a.jpg", b"GIF89a", "does not match its name"),
        ("a.docx", OLD_WORD, "does not match its name"),
        ("a.docx", XLSX, "does not match its name"),
        ("a.docx", DOCX[:-10], "does not match its name"),
        ("a.docx", archive("x"), "does not match its name"),
        ("a.docx", archive(), "does not match its name"),
        ("a.odt", archive(), "does not match its name"),
        ("a.odt", ODS, "does not match its name"),
        ("a.odt", open_document(f"{TEXT_TYPE}-template"), "does not match its name"),
        ("a.odt", archive("content.xml", "mimetype", content=TEXT_TYPE), "does not match its name"),
        ("a.odt", archive("mimetype", content=TEXT_TYPE), "does not match its name"),
        (
            "a.docx",
            archive("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
            "contains macros",
        ),
        ("a.odt", open_document(TEXT_TYPE, "Basic/script-lc.xml"), "contains macros"),
        ("a.docx", claims_to_be_huge(), "too large"),
        ("a.docx", archive(*map(str, range(MAX_PARTS + 1))), "too many parts"),
        ("a.txt", b"a\x00b", "characters that are not allowed"),
        ("a.csv", b"\x1b[2J", "characters that are not allowed"),
        ("a.txt", "Rīga".encode("cp1257"), "not encoded as UTF-8"),
        ("a.csv", PNG, "not encoded as UTF-8"),
        ("a.pdf", PDF.ljust(MAX_BYTES + 1), "larger than 10 MB"),
    ],
)
def test_other_file_is_refused_with_a_sentence(name, content, message):
    with pytest.raises(ValidationError) as error:
        extension_of(upload(name, content))
    assert message in error.value.message


def test_file_of_the_maximum_size_is_accepted():
    assert extension_of(upload("a.pdf", PDF.ljust(MAX_BYTES))) == "pdf"


class TestStore:
    @pytest.fixture(autouse=True)
    def folder(self, settings, tmp_path):
        settings.MEDIA_ROOT = tmp_path / "media"
        return settings.MEDIA_ROOT

    def test_only_the_owner_can_read_a_file_and_the_name_is_random(self, folder):
        stored = store.save_file([b"one ", b"two"], "txt")
        path = store.path_of(stored.name)
        assert path.read_bytes() == b"one two"
        assert (stored.size, stored.sha256) == (7, store.sha256_of(path))
        assert len(stored.name) == 36
        assert path.stat().st_mode & 0o777 == 0o600
        assert {part.stat().st_mode & 0o777 for part in [folder, path.parent]} == {0o700}
        assert list(store.all_files()) == [path]

    def test_a_failed_upload_leaves_no_file(self):
        def interrupted_chunks():
            yield b"half"
            raise OSError

        with pytest.raises(OSError):
            store.save_file(interrupted_chunks(), "pdf")
        assert list(store.all_files()) == []

    def test_missing_folder_means_no_files(self):
        assert list(store.all_files()) == []

    def test_a_file_that_the_browser_has_is_not_sent_again(self, rf):
        request = rf.get("/", headers={"If-None-Match": '"sum"'})
        assert store.attachment(request, "a.pdf", "a.pdf", "sum").status_code == 304


class TestPictures:
    def drawn(self, kind, size=(60, 40), mode="RGB", **options):
        content = io.BytesIO()
        Image.new(mode, size).save(content, kind, **options)
        return upload("photo.jpg", content.getvalue())

    def stored(self, file):
        return Image.open(io.BytesIO(picture_of(file)))

    def test_nothing_but_the_pixels_is_kept(self):
        """Neither place nor time nor camera, wherever the file has them; the picture is upright."""
        exif = Image.Exif()
        exif[0x0112], exif[0x010F] = 6, "secret"  # turned by 90 degrees; the camera
        exif.get_ifd(0x8825)[1] = "secret"  # the place
        hidden = {"exif": exif, "xmp": b"secret", "comment": b"secret", "icc_profile": b"secret"}
        photo = self.drawn("JPEG", (3000, 2000), **hidden)
        assert photo.read().count(b"secret") == 5
        content = picture_of(photo)
        assert content.startswith(b"RIFF") and b"secret" not in content
        picture = Image.open(io.BytesIO(content))
        assert picture.size == (800, 1200)
        assert not picture.getexif() and not {"exif", "xmp", "icc_profile"} & set(picture.info)

    def test_a_small_picture_is_not_enlarged_and_stays_transparent(self):
        picture = self.stored(self.drawn("PNG", mode="RGBA"))
        assert (picture.size, picture.mode) == ((60, 40), "RGBA")

    def test_grey_of_16_bits_stays_grey(self):
        content = io.BytesIO()
        Image.new("I;16", (60, 40), 0x8000).save(content, "PNG")
        picture = self.stored(upload("scan.png", content.getvalue()))
        assert all(abs(colour - 0x80) < 3 for colour in picture.getpixel((30, 20)))

    @pytest.mark.parametrize(
        "content",
        [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a", PDF, PNG, JPEG],
    )
    def test_another_file_is_refused_with_a_sentence(self, content):
        with pytest.raises(ValidationError, match="damaged, or no picture"):
            picture_of(upload("photo.jpg", content))

    def test_a_cut_picture_is_refused(self):
        content = self.drawn("PNG", (900, 900)).read()
        with pytest.raises(ValidationError, match="damaged, or no picture"):
            picture_of(upload("photo.png", content[: len(content) // 2]))

    def test_a_picture_of_a_camera_is_unpacked_at_a_fraction_of_its_size(self):
        photo = self.drawn("JPEG", (6000, 4000))
        assert self.stored(photo).size == (1200, 800)

    @pytest.mark.parametrize(
        ("colours", "side", "most"), [(2, 5001, 25), (6, 3001, 15), (4, 3001, 15), (2, 60_000, 50)]
    )
    def test_a_png_that_would_fill_the_memory_is_not_unpacked(self, colours, side, most):
        """Pillow has a limit of its own for the largest."""
        head = struct.pack(">IIBBBBB", side, 5000, 8, colours, 0, 0, 0)
        chunk = struct.pack(">I", len(head)) + b"IHDR" + head
        chunk += struct.pack(">I", zlib.crc32(b"IHDR" + head))
        data = b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">I", 0) + b"IDAT\x00\x00\x00\x00"
        with pytest.raises(ValidationError, match=f"more than {most} megapixels"):
            picture_of(upload("photo.png", data))

    @pytest.mark.parametrize(
        ("kind", "options", "side", "most"),
        [
            ("JPEG", {}, 10_001, 50),
            ("JPEG", {"progressive": True}, 3001, 15),
            ("MPO", {"save_all": True, "append_images": [Image.new("RGB", (9, 9))]}, 10_001, 50),
        ],
    )
    def test_a_jpg_that_would_fill_the_memory_is_not_unpacked(self, kind, options, side, most):
        """Some cameras add a second picture to a JPG: Pillow calls it MPO."""
        content = self.drawn(kind, (50, 40), **options).read()
        size, larger = struct.pack(">HH", 40, 50), struct.pack(">HH", 5000, side)
        with pytest.raises(ValidationError, match=f"more than {most} megapixels"):
            picture_of(upload("photo.jpg", content.replace(size, larger, 1)))
