"""Applications that arrived after the closing of their call."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from projects.models import Call, Project, ProjectStatus
from psf.text.dates import Precision, describe


def lateness(call: Call, received_on: date | None, received_time: time | None = None) -> str:
    """When a late application was received, in a sentence; "" for any other application.

    Without a time of receipt, or of the closing, only a later day is late.
    """
    closed_on = call.closing_day()
    if call.closes_at is None or closed_on is None or received_on is None:
        return ""
    words = _("Received on %(received)s, after “%(call)s” closed on %(closed)s.")
    if received_time is None or call.closes_precision != Precision.MINUTE:
        is_late, closed = received_on > closed_on, describe(closed_on, Precision.DAY)
        received = describe(received_on, Precision.DAY)
    else:
        moment = datetime.combine(received_on, received_time, ZoneInfo(call.time_zone))
        is_late, closed = moment >= call.closes_at, call.closes()
        received = describe(moment, Precision.MINUTE)
    return words % {"received": received, "call": call, "closed": closed} if is_late else ""


def lateness_of(project: Project) -> str:
    return lateness(project.call, project.received_on, project.received_time)


def receipt_warning(
    call: Call, status: str, received_on: date | None, received_time: time | None = None
) -> str:
    """The warning about an application that is late, or that may be late; "" without a warning.

    Only submitted applications: later decisions include the question of the day.
    """
    closed_on = call.closing_day()
    if status != ProjectStatus.SUBMITTED or closed_on is None:
        return ""
    if received_on is None and call.closes_at and call.closes_at <= timezone.now():
        return _("“%(call)s” closed on %(closed)s. Enter the day of receipt.") % {
            "call": call,
            "closed": describe(closed_on, Precision.DAY),
        }
    return lateness(call, received_on, received_time)


def warning_about(project: Project) -> str:
    """The warning of a saved application."""
    values = project.status, project.received_on, project.received_time
    return receipt_warning(project.call, *values)
