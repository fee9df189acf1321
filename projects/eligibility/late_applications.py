"""Applications that arrived after the closing of their call."""

from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from projects.models import Call, ProjectStatus
from psf.text.dates import Precision, describe


def receipt_warning(call: Call, status: str, received_on: date | None) -> str:
    """The warning about an application that is late, or that may be late; "" without a warning.

    Only submitted applications: later decisions include the question of the day.
    """
    closed_on = call.closing_day()
    if status != ProjectStatus.SUBMITTED or closed_on is None:
        return ""
    days = {"call": call, "closed": describe(closed_on, Precision.DAY)}
    if received_on is None and call.closes_at and call.closes_at <= timezone.now():
        return _("“%(call)s” closed on %(closed)s. Enter the day of receipt.") % days
    if received_on and received_on > closed_on:
        days["received"] = describe(received_on, Precision.DAY)
        return _("Received on %(received)s, after “%(call)s” closed on %(closed)s.") % days
    return ""
