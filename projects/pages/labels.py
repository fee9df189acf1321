"""Labels on readers' pages: statuses of projects, and sources."""

from collections.abc import Iterable
from datetime import date
from functools import cache
from typing import Any, Protocol

from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from projects.models import ProjectStatus, Source
from psf.text.dates import describe


class WithPeriod(Protocol):
    """A project in a list, or annotated with `is_extended`."""

    status: str
    ends_on: date | None
    ends_precision: str
    is_extended: bool


def status_label(project: WithPeriod) -> str:
    return status_in_words(
        project.status, project.ends_on, project.ends_precision, project.is_extended
    )


def status_in_words(
    status: str, ends_on: date | None, precision: str, is_extended: bool = False
) -> str:
    """The status for readers, with a capital.

    A funded project of which nothing else is known reads "Ended …" after its period.
    """
    if status == ProjectStatus.FUNDED and ends_on and ends_on < timezone.localdate():
        day = describe(ends_on, precision)
        if is_extended:
            return _("Ended %(day)s (extended period)") % {"day": day}
        return _("Ended %(day)s (announced period)") % {"day": day}
    return _label_of(status)


@cache
def _label_of(status: str) -> str:
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
