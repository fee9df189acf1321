"""Labels on readers' pages: statuses of projects, and sources."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from django.utils.text import capfirst

from projects.models import ProjectStatus, Source


@cache
def status_label(status: str) -> str:
    """The label of a status, with a capital."""
    return capfirst(str(ProjectStatus(status).label))


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
