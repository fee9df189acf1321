"""The state of the public data, and the tag of an answer that is too long to hash."""

from hashlib import sha256

from django.http import HttpRequest
from django.utils import timezone

from psf.caching.data_version import versions
from psf.caching.values import next_expiry


def data_state(edition: str) -> str | None:
    """A name that changes with the public data; None if the data have no version.

    `edition` identifies the program and the settings that write the answer.
    """
    version = versions.read()
    if version is None:
        return None
    parts = [edition, str(version), str(next_expiry(timezone.now()))]
    return sha256(" ".join(parts).encode()).hexdigest()[:16]


def data_tag(request: HttpRequest, edition: str) -> str | None:
    """The weak ETag of the address for the data of now; None if the data have no version."""
    state = data_state(edition)
    if state is None:
        return None
    return f'W/"{sha256(f"{state} {request.get_full_path()}".encode()).hexdigest()[:32]}"'
