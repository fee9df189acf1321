"""A ZIP archive that is written while it is sent, with a check sum for each file."""

import io
import zipfile
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any, NamedTuple

from django.utils import timezone

MANIFEST = "SHA256SUMS"


class File(NamedTuple):
    """A file of the archive. The content may be read as late as it is sent."""

    name: str
    chunks: Iterable[bytes]


class _Sink(io.RawIOBase):
    """Bytes that are written but not sent yet."""

    def __init__(self) -> None:
        super().__init__()
        self.buffer = bytearray()

    def write(self, data: Any) -> int:
        self.buffer += data
        return len(data)

    def drain(self) -> bytes:
        sent, self.buffer = bytes(self.buffer), bytearray()
        return sent


def zipped(folder: str, files: Iterable[File]) -> Iterator[bytes]:
    """The archive in pieces. `sha256sum -c SHA256SUMS` in the folder checks the files."""
    sink, sums = _Sink(), []
    with zipfile.ZipFile(sink, "w") as archive:
        for file in files:
            digest = sha256()
            with archive.open(_entry(f"{folder}/{file.name}"), "w") as member:
                for chunk in file.chunks:
                    member.write(chunk)
                    digest.update(chunk)
                    yield sink.drain()
            sums.append(f"{digest.hexdigest()}  {file.name}\n")
        archive.writestr(_entry(f"{folder}/{MANIFEST}"), "".join(sums))
    yield sink.drain()


def _entry(name: str) -> zipfile.ZipInfo:
    now = timezone.localtime()
    entry = zipfile.ZipInfo(name, (now.year, now.month, now.day, now.hour, now.minute, now.second))
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry
