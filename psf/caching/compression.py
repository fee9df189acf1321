"""A response of Django that is stored to be sent again, with gzip or without."""

import gzip
from functools import lru_cache
from typing import NamedTuple

from psf.http.in_process_requests import Headers

SMALLEST_GZIP_BODY = 200
NOT_IN_A_304 = {"content-type", "content-length", "link", "x-robots-tag"}


class StoredResponse(NamedTuple):
    """A response whose body is stored once: compressed, if `gzip_headers` is not None.

    `headers` and `length`, in bytes, describe the plain body.
    """

    status: str
    tag: str
    headers: Headers
    length: int
    not_modified: Headers
    body: bytes
    gzip_headers: Headers | None

    def content(self, with_gzip: bool) -> tuple[Headers, bytes]:
        """Headers and body for a client that accepts gzip, or for a client that does not."""
        if self.gzip_headers is None:
            return self.headers, self.body
        if with_gzip:
            return self.gzip_headers, self.body
        return self.headers, gzip.decompress(self.body)


def store_response(status: str, headers: Headers, body: bytes) -> StoredResponse:
    named = {name.lower(): value for name, value in headers}
    tag, length, gzip_headers = named.get("etag", ""), len(body), None
    if length >= SMALLEST_GZIP_BODY and "content-encoding" not in named:
        # Without a time stamp, the same page is the same bytes.
        body = gzip.compress(body, compresslevel=6, mtime=0)
        # As in Django's gzip middleware, the tag of the compressed body is weak.
        changed = {"content-length": str(len(body)), "etag": f"W/{tag.removeprefix('W/')}"}
        gzip_headers = [("Content-Encoding", "gzip")]
        gzip_headers += [(name, changed.get(name.lower(), value)) for name, value in headers]
    not_modified = [pair for pair in headers if pair[0].lower() not in NOT_IN_A_304]
    return StoredResponse(status, tag, headers, length, not_modified, body, gzip_headers)


@lru_cache(maxsize=64)
def accepts_gzip(accept_encoding: str) -> bool:
    """Whether a header Accept-Encoding names gzip with a weight above zero."""
    parts = "".join(accept_encoding.lower().split()).split(",")
    weights = dict(part.partition(";")[::2] for part in parts)
    return weights.get("gzip", "q=0") not in ["q=0", "q=0.0", "q=0.00", "q=0.000"]
