"""The sources of a record, as its page lists them."""

from collections.abc import Iterable
from typing import Any

from django.utils.text import capfirst

from projects.models import Source


def by_source(rows: Iterable[Source]) -> list[dict[str, Any]]:
    """Each source once, with everything that it is cited for."""
    citations: dict[tuple[str, str], list[dict[str, str]]] = {}
    for row in rows:
        statement = {"what": capfirst(row.get_about_display()), "note": row.note}
        citations.setdefault((row.citation, row.url), []).append(statement)
    return [
        {"text": text, "url": url, "says": statements}
        for (text, url), statements in citations.items()
    ]
