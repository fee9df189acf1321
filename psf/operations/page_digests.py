"""Digests of all public pages, to compare two copies of the site."""

from collections.abc import Iterator
from hashlib import sha256

from django.apps import apps
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

SKIPPED = ("healthz", "readyz")


def plain_addresses(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[str]:
    """The addresses without a record, except pages for machines."""
    for entry in patterns:
        route = f"{prefix}{entry.pattern}"
        if "<" in route or "^" in route or route.startswith(SKIPPED):
            continue
        if isinstance(entry, URLResolver):
            yield from plain_addresses(entry.url_patterns, route)
        else:
            yield f"/{route}"


def record_addresses() -> Iterator[str]:
    """The addresses of all records that readers see."""
    for model in apps.get_models():
        public = getattr(model._default_manager, "public", None)
        if public and hasattr(model, "get_absolute_url") and model._meta.managed:
            for record in public().order_by("pk").iterator(chunk_size=500):
                yield record.get_absolute_url()


def page_digests(limit: int = 0) -> dict[str, str]:
    """The status and a digest of the content of each public page; of `limit` pages if not 0."""
    client = Client(raise_request_exception=False, headers={"host": "localhost"})
    digests: dict[str, str] = {}
    patterns = get_resolver(settings.PUBLIC_URLCONF).url_patterns
    for address in [*plain_addresses(patterns), *record_addresses()]:
        if limit and len(digests) == limit:
            break
        response = client.get(address, secure=True)
        content = b"".join(response) if response.streaming else response.content
        digests[address] = f"{response.status_code} {sha256(content).hexdigest()}"
    return digests
