"""Reminders by mail, at most one a day for each account that manages awards."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from django.contrib.auth.models import User
from django.core.mail import EmailMessage

from projects.deadlines.kinds import Deadline, deadlines_for
from projects.models import Call
from projects.permissions import MANAGE_AWARDS
from psf.accounts.models import SentReminder
from psf.text.mails import NOT_SENT, mail_of

DAYS_AHEAD = timedelta(days=14)


class Reminder(NamedTuple):
    """The overdue and coming deadlines of an account."""

    user: User
    overdue: list[Deadline]
    coming: list[Deadline]

    def message(self, today: date) -> EmailMessage:
        lines = {
            kind: [(deadline, deadline.state(today)) for deadline in deadlines]
            for kind, deadlines in [("overdue", self.overdue), ("coming", self.coming)]
        }
        return mail_of("reminder", self.user.email, {**lines, "today": today})


def reminders(today: date) -> Iterator[Reminder]:
    """A reminder for each account that manages awards, has an address and has deadlines."""
    managers = User.objects.with_perm(MANAGE_AWARDS).filter(is_staff=True).exclude(email="")
    for user in managers.order_by("username"):
        deadlines = deadlines_for(user, Call.objects.all(), today, today + DAYS_AHEAD)
        overdue = [deadline for deadline in deadlines if deadline.is_overdue(today)]
        coming = deadlines[len(overdue) :]
        if deadlines:
            yield Reminder(user, overdue, coming)


def send_reminder(reminder: Reminder, today: date) -> bool:
    """Send the reminder, unless the account had one that day. Return whether it was sent.

    The day is stored first, so that only one of two runs sends, and reset after an error.
    """
    _sent, is_first = SentReminder.objects.get_or_create(
        user=reminder.user, defaults={"sent_on": today}
    )
    earlier = SentReminder.objects.filter(user=reminder.user, sent_on__lt=today)
    if not is_first and not earlier.update(sent_on=today):
        return False
    try:
        reminder.message(today).send()
    except NOT_SENT:
        SentReminder.objects.filter(user=reminder.user).update(sent_on=today - timedelta(days=1))
        raise
    return True
