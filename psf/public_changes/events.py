"""The public log: everything that happened to public records, in words and with its moment."""

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Event(TextChoices):
    """The kind of event of a public record."""

    OPENED = "opened", _("opened for applications")
    PUBLISHED = "published", _("published")
    RESULTS = "results", _("results")
    CHANGED = "changed", _("changed")
    CORRECTED = "corrected", _("corrected")
    WITHDRAWN = "withdrawn", _("withdrawn")


class EventEntry(NamedTuple):
    """An event of the record with a kind and a key, for readers.

    `title` says what happened to which record, and `text` the details.
    """

    at: datetime
    event: Event
    kind: str
    key: str
    title: str
    address: str
    text: str

    def order(self) -> tuple[datetime, str, str]:
        return self.at, self.address, self.event

    def anchor(self) -> str:
        """The end of the permanent identifier: the event and its moment."""
        return f"{self.event}-{re.sub(r'[^0-9]', '', self.at.isoformat()[:26])}"


# Functions that return the newest events of an app, other than changes of records.
SOURCES: list[Callable[[int], list[EventEntry]]] = []


def register_source(source: Callable[[int], list[EventEntry]]) -> None:
    SOURCES.append(source)


def sort_events(entries: Iterable[EventEntry]) -> list[EventEntry]:
    return sorted(entries, key=EventEntry.order, reverse=True)
