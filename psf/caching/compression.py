"""An answer of Django's, made ready to be sent again: with gzip, with brotli, or plain."""

import gzip
from functools import lru_cache, partial
from typing import NamedTuple

import brotli

Headers = list[tuple[str, str]]

PLAIN, GZIP, BROTLI = "", "gzip", "br"
SMALLEST_TO_PACK = 200
# The eleventh quality takes fifty times as long, for a sixth less.
BROTLI_QUALITY = 5
# By gzip a page may be a quarter longer than by brotli.
ROOM_FOR_BOTH = 3
PACK = {
    # Without the hour of packing: the same page is the same bytes.
    GZIP: partial(gzip.compress, compresslevel=6, mtime=0),
    BROTLI: partial(brotli.compress, quality=BROTLI_QUALITY),
}
UNPACK = {GZIP: gzip.decompress, BROTLI: brotli.decompress}
NOT_IN_A_304 = {"content-type", "content-length"}


class Packed(NamedTuple):
    """An answer, its body in the encodings that were asked for: plain only where in no other.

    `headers` and `length`, in bytes, are those of the plain body.
    """

    status: str
    tag: str
    headers: Headers
    length: int
    bodies: dict[str, tuple[Headers, bytes]]
    not_modified: Headers

    def size(self) -> int:
        """How many bytes its bodies take at most, once they were asked for in every encoding."""
        [(_headers, first), *_others] = self.bodies.values()
        return len(first) if PLAIN in self.bodies else ROOM_FOR_BOTH * len(first)

    def sent(self, encoding: str) -> tuple[Headers, bytes]:
        """Headers and body in that encoding, or plain."""
        return self.bodies.get(encoding) or self._made(encoding)

    def _made(self, encoding: str) -> tuple[Headers, bytes]:
        """The body in an encoding that is asked for the first time: many pages are asked in one.

        It is unpacked for the few who want it plain.
        """
        if PLAIN in self.bodies:
            return self.bodies[PLAIN]
        kept, (_headers, body) = next(iter(self.bodies.items()))
        plain = UNPACK[kept](body)
        if encoding == PLAIN:
            return self.headers, plain
        made = self.bodies[encoding] = _packed(self.headers, plain, encoding)
        return made


def pack(status: str, headers: Headers, body: bytes, encoding: str = GZIP) -> Packed:
    names = {name.lower() for name, _value in headers}
    if len(body) < SMALLEST_TO_PACK or "content-encoding" in names:
        bodies = {PLAIN: (headers, body)}
    else:
        kept = encoding or GZIP
        bodies = {kept: _packed(headers, body, kept)}
    tag = next((value for name, value in headers if name.lower() == "etag"), "")
    not_modified = [pair for pair in headers if pair[0].lower() not in NOT_IN_A_304]
    return Packed(status, tag, headers, len(body), bodies, not_modified)


def _packed(headers: Headers, body: bytes, encoding: str) -> tuple[Headers, bytes]:
    packed = PACK[encoding](body)
    return _headers_of_packed(headers, encoding, len(packed)), packed


def _headers_of_packed(headers: Headers, encoding: str, length: int) -> Headers:
    """As Django's own gzip has them: other bytes under a strong tag would be a lie."""
    changed = [("Content-Encoding", encoding)]
    for name, value in headers:
        if name.lower() == "content-length":
            value = str(length)
        elif name.lower() == "etag" and not value.startswith("W/"):
            value = f"W/{value}"
        changed.append((name, value))
    return changed


@lru_cache(maxsize=64)
def best_encoding(accepted: str) -> str:
    """The shortest of our encodings that a header Accept-Encoding takes."""
    wanted = {}
    for part in accepted.lower().split(","):
        name, _semicolon, weight = part.partition(";")
        wanted[name.strip()] = weight.replace(" ", "") not in ["q=0", "q=0.0", "q=0.00", "q=0.000"]
    return next((name for name in [BROTLI, GZIP] if wanted.get(name)), PLAIN)
