from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from projects.models import Call, Project


class Deadline(NamedTuple):
    """A day, what is due on it, of which record, where staff see to it, and whether it is done.

    What nobody does, such as the closing of a call, is done once its day is over. `at` is the
    moment, where one is known.
    """

    day: date
    words: str
    record: Call | Project
    url: str
    done: bool
    at: datetime | None = None

    def subject(self) -> str:
        """The record in a word: deadlines leave the house in mails, and titles do not."""
        return str(getattr(self.record, "reference", self.record))

    def is_overdue(self, today: date) -> bool:
        return self.day < today and not self.done

    def is_coming(self, today: date) -> bool:
        return self.day >= today and not self.done

    def state(self, today: date) -> str:
        """How it stands, in words."""
        days = (self.day - today).days
        if self.done:
            return _("past") if days < 0 else _("done")
        if days == 0:
            return _("today")
        if days > 0:
            return ngettext("in %(days)d day", "in %(days)d days", days) % {"days": days}
        return ngettext("overdue by %(days)d day", "overdue by %(days)d days", -days) % {
            "days": -days
        }


class Source(NamedTuple):
    """Where deadlines come from: the permission to know of them, and those of some calls."""

    permission: str
    find: Callable[[QuerySet[Call], date], Iterable[Deadline]]
