from datetime import date, datetime
from typing import NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _, ngettext

from projects.models import Call, Project


class Deadline(NamedTuple):
    """The day of a deadline, its text, record and page of the record, and whether it is done.

    A deadline without an action, such as the closing of a call, is done after its day. `at` is
    the moment, if known.
    """

    day: date
    words: str
    record: Call | Project
    page: str  # "call_change"
    done: bool
    at: datetime | None = None

    @property
    def url(self) -> str:
        return reverse(f"admin:projects_{self.page}", args=[self.record.pk])

    def subject(self) -> str:
        """The reference of a project, without its title, because deadlines are sent by mail."""
        return str(getattr(self.record, "reference", self.record))

    def is_overdue(self, today: date) -> bool:
        return self.day < today and not self.done

    def is_coming(self, today: date) -> bool:
        return self.day >= today and not self.done

    def state(self, today: date) -> str:
        """The state, such as "in 3 days"."""
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
