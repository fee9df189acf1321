"""An answer of Django's, made ready to be sent again: with gzip, with brotli, and plain."""

import gzip
from functools import lru_cache
from typing import NamedTuple

import brotli

Headers = list[tuple[str, str]]

PLAIN, GZIP, BROTLI = "", "gzip", "br"
SMALLEST_TO_PACK = 200
# The eleventh quality takes fifty times as long, for a sixth less.
BROTLI_QUALITY = 5
NOT_IN_A_304 = {"content-type", "content-length"}


class Packed(NamedTuple):
    """An answer, its body in every encoding in which it is kept: plain only where in no other.

    `headers` and `length`, in bytes, are those of the plain body.
    """

    status: str
    tag: str
    headers: Headers
    length: int
    bodies: dict[str, tuple[Headers, bytes]]
    not_modified: Headers

    def size(self) -> int:
        """How many bytes its bodies take."""
        return sum(len(body) for _headers, body in self.bodies.values())

    def sent(self, encoding: str) -> tuple[Headers, bytes]:
        """Headers and body in that encoding, or plain, unpacked for the few who ask for that."""
        found = self.bodies.get(encoding) or self.bodies.get(PLAIN)
        return found or (self.headers, gzip.decompress(self.bodies[GZIP][1]))


def pack(status: str, headers: Headers, body: bytes) -> Packed:
    bodies = {PLAIN: (headers, body)}
    names = {name.lower() for name, _value in headers}
    if len(body) >= SMALLEST_TO_PACK and "content-encoding" not in names:
        packed = {
            # Without the hour of packing: the same page is the same bytes.
            GZIP: gzip.compress(body, compresslevel=6, mtime=0),
            BROTLI: brotli.compress(body, quality=BROTLI_QUALITY),
        }
        bodies = {
            encoding: (_headers_of_packed(headers, encoding, len(each)), each)
            for encoding, each in packed.items()
        }
    tag = next((value for name, value in headers if name.lower() == "etag"), "")
    not_modified = [pair for pair in headers if pair[0].lower() not in NOT_IN_A_304]
    return Packed(status, tag, headers, len(body), bodies, not_modified)


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
