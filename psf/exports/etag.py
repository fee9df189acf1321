"""The tag of an answer that is too long to hash: the same until public data change."""

from hashlib import sha256

from django.http import HttpRequest
from django.utils import timezone

from psf.caching.data_version import versions
from psf.caching.expiry import next_expiry


def data_tag(request: HttpRequest, edition: str) -> str | None:
    """The weak ETag of the address for the data of now; None if the data have no version.

    `edition` identifies the program that writes the answer.
    """
    version = versions.read()
    if version is None:
        return None
    parts = [edition, str(version), str(next_expiry(timezone.now())), request.get_full_path()]
    return f'W/"{sha256(" ".join(parts).encode()).hexdigest()[:32]}"'
